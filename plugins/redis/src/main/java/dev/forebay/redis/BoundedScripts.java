package dev.forebay.redis;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
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

  /**
   * Runs a script on a key; fails at once if its server is not asked now.
   *
   * @param numbers how many it returns at least: a reply of fewer is a failure
   * @param late takes a reply that comes after the future has failed
   */
  public Future<List<Long>> run(
      RedisScript script,
      String key,
      List<String> arguments,
      int numbers,
      Consumer<List<Long>> late) {
    boolean[] over = {false};
    Future<List<Long>> answer =
        within(
            key,
            () ->
                wire.run(script, key, arguments)
                    .compose(reply -> whole(script, reply, numbers))
                    .onSuccess(
                        reply -> {
                          if (over[0]) {
                            late.accept(reply);
                          }
                        }));
    answer.onComplete(done -> over[0] = true);
    return answer;
  }

  /** A command about a key within the same bounds. */
  public <V extends @Nullable Object> Future<V> within(String key, Supplier<Future<V>> command) {
    timeline.check();
    Future<V> answer = bounded.lookUp(key, nanos, command);
    underWay.add(answer);
    answer.onComplete(over -> underWay.remove(answer));
    return answer;
  }

  private static Future<List<Long>> whole(RedisScript script, List<Long> reply, int numbers) {
    if (reply.size() >= numbers) {
      return Future.succeededFuture(reply);
    }
    String text = "%s: %d numbers (expected: %d)".formatted(script.name(), reply.size(), numbers);
    return Future.failedFuture(new RedisFailure(RedisFailure.Reason.ERROR, text));
  }

  /** Completes when all that is under way now is over, well or not. */
  public Future<Void> settled() {
    return Future.join(List.copyOf(underWay)).otherwiseEmpty().mapEmpty();
  }

  /** Closes the connections; one that does not close in time is given up. */
  public Future<Void> close() {
    return bounded.close();
  }
}
