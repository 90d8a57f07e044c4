package dev.forebay.edge.http;

import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The requests of an edge that are not over, and their end if the edge closes. From any thread. */
final class OpenRequests {

  /** How long requests that were ended at the close may take to be told so. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final Promise<Void> drained = Promise.promise();
  private volatile boolean draining;
  private volatile @Nullable Timeline timeline;

  /** Drains are bounded by timers of this instance; a second one changes nothing. */
  void on(Vertx used) {
    if (timeline == null) {
      timeline = VertxTimeline.of(used);
    }
  }

  /** A request begins; returns how many are open with it. */
  int begin(Vertx used) {
    on(used);
    return count.incrementAndGet();
  }

  /** A request that began can be ended by this. */
  void add(Exchange exchange) {
    exchanges.add(exchange);
  }

  /** A request that was added is over; a second time has no effect. */
  void end(Exchange exchange) {
    if (exchanges.remove(exchange)) {
      end();
    }
  }

  /** A request that was not added is over. */
  void end() {
    if (count.decrementAndGet() == 0 && draining) {
      drained.tryComplete();
    }
  }

  int count() {
    return count.get();
  }

  /** Whether {@link #drain} was called. */
  boolean draining() {
    return draining;
  }

  /** Completes once all are over; those that are open after a while are ended with an error. */
  Future<Void> drain(Duration bound) {
    draining = true;
    if (count.get() == 0) {
      drained.tryComplete();
    }
    return within(bound)
        .compose(
            nothing -> {
              Failure why = Failure.saturated("shutting_down", "the gateway is shutting down");
              exchanges.forEach(exchange -> exchange.end(why));
              return within(LAST_WORDS);
            });
  }

  private Future<Void> within(Duration bound) {
    Timeline on = timeline;
    return on == null
        ? drained.future()
        : on.within(bound.toNanos(), drained.future(), () -> Failure.deadline("requests are open"))
            .otherwiseEmpty();
  }
}
