package dev.forebay.gateway;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The models that callers can use: those that are named, and those that the backends say they have
 * whose models nobody named. The latter are asked at most once in {@value #FRESH_SECONDS} seconds,
 * however many callers want the list; who does not answer adds nothing, and where nobody does, what
 * was said last still stands.
 */
final class OfferedModels {

  static final int FRESH_SECONDS = 30;

  /** Who has not answered by then has not answered. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What backends may add; a list that is longer is cut. */
  private static final int MOST = 1000;

  private final Supplier<List<String>> named;
  private final Supplier<@Nullable BalancingService> open;
  private final Timeline timeline;
  private List<String> said = List.of();
  private long saidNanos;
  private boolean known;
  private @Nullable Promise<List<String>> asking;

  /**
   * A list.
   *
   * @param open the pool that takes models that are not named, as of now; null if there is none
   * @param timeline of the pool
   */
  OfferedModels(
      Supplier<List<String>> named, Supplier<@Nullable BalancingService> open, Timeline timeline) {
    this.named = named;
    this.open = open;
    this.timeline = timeline;
  }

  /** The names, in order, from any thread; does not fail. */
  Future<List<String>> list() {
    Promise<List<String>> listed = Promise.promise();
    timeline.execute(() -> said().onComplete(all -> listed.complete(with(all.result()))));
    return listed.future();
  }

  private List<String> with(List<String> more) {
    Set<String> all = new LinkedHashSet<>(named.get());
    all.addAll(more);
    return List.copyOf(all);
  }

  private Future<List<String>> said() {
    BalancingService pool = open.get();
    boolean fresh =
        known && timeline.nanos() - saidNanos < Duration.ofSeconds(FRESH_SECONDS).toNanos();
    if (fresh || pool == null) {
      return Future.succeededFuture(said);
    }
    Promise<List<String>> running = asking;
    return running == null ? ask(pool.unnamed()) : running.future();
  }

  private Future<List<String>> ask(List<Backend> backends) {
    Promise<List<String>> mine = Promise.promise();
    asking = mine;
    List<Future<List<String>>> asked = new ArrayList<>();
    for (Backend backend : backends) {
      asked.add(ask(backend));
    }
    timeline
        .within(PATIENCE.toNanos(), Future.join(asked), () -> Failure.deadline("no list in time"))
        .onComplete(all -> answered(asked, mine));
    return mine.future();
  }

  private static Future<List<String>> ask(Backend backend) {
    try {
      return backend.askModels();
    } catch (Exception | Error e) {
      return Future.failedFuture(e);
    }
  }

  private void answered(List<Future<List<String>>> asked, Promise<List<String>> mine) {
    Set<String> all = new LinkedHashSet<>();
    boolean some = asked.isEmpty();
    for (Future<List<String>> answer : asked) {
      if (answer.succeeded()) {
        some = true;
        answer.result().stream().limit(MOST).forEach(all::add);
      }
    }
    if (some) {
      said = all.stream().limit(MOST).toList();
    }
    known = true;
    saidNanos = timeline.nanos();
    asking = null;
    mine.complete(said);
  }
}
