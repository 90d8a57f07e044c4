package dev.forebay.redis;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Scripts within bounds: on the time that a script may take, and on how often one is tried. */
public final class BoundedScripts {

  private final RedisScripts wire;
  private final Bounded bounded;
  private final Timeline timeline;
  private final long nanos;
  private final Set<Future<?>> underWay = new LinkedHashSet<>();

  /**
   * Scripts on a wire.
   *
   * @param options their {@code timeout} bounds a script, their circuit opens after {@code
   *     failures}
   */
  public BoundedScripts(Redis options, RedisScripts wire, PluginContext context) {
    this.wire = wire;
    this.bounded = new Bounded(options, wire, context);
    this.timeline = context.timeline();
    this.nanos = options.timeout().toNanos();
  }

  /** Whether the server of a key is asked now; one that is not is looked at again by and by. */
  public boolean available(String key) {
    return bounded.available(key);
  }

  /** Runs a script on a key; fails at once if its server is not asked now. */
  public Future<List<Long>> run(RedisScript script, String key, List<String> arguments) {
    return within(key, () -> wire.run(script, key, arguments));
  }

  /** A command about a key within the same bounds. */
  public <V extends @Nullable Object> Future<V> within(String key, Supplier<Future<V>> command) {
    timeline.check();
    Future<V> answer = bounded.lookUp(key, nanos, command);
    underWay.add(answer);
    answer.onComplete(over -> underWay.remove(answer));
    return answer;
  }

  /** Completes when all that is under way now is over, well or not. */
  public Future<Void> settled() {
    return Future.join(List.copyOf(underWay)).otherwiseEmpty().mapEmpty();
  }

  /** Closes the connections. */
  public Future<Void> close() {
    return wire.close();
  }
}
