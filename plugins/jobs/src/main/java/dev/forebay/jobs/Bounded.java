package dev.forebay.jobs;

import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Questions to stores and queues, which are answered in time or fail; on one timeline. */
final class Bounded {

  private static final long TIMEOUT_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(200).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

  private final Timeline timeline;
  private boolean closed;

  Bounded(Timeline timeline) {
    this.timeline = timeline;
  }

  /** From now on nothing is asked again. */
  void close() {
    closed = true;
  }

  /** Asks; fails after 10 s without an answer. */
  <V extends @Nullable Object> Future<V> ask(Supplier<Future<V>> step) {
    return ask(Duration.ZERO, step);
  }

  /** Asks something that may wait for so long itself. */
  <V extends @Nullable Object> Future<V> ask(Duration wait, Supplier<Future<V>> step) {
    Future<V> asked;
    try {
      asked = step.get();
    } catch (RuntimeException | LinkageError e) {
      return Future.failedFuture(e);
    }
    return timeline.within(
        wait.toNanos() + TIMEOUT_NANOS, asked, () -> new TimeoutException("no answer within 10 s"));
  }

  /** Asks again and again until there is an answer, or all is closed: then it fails. */
  <V extends @Nullable Object> Future<V> insist(Supplier<Future<V>> step) {
    return insist(step, FIRST_PAUSE_NANOS);
  }

  private <V extends @Nullable Object> Future<V> insist(Supplier<Future<V>> step, long pause) {
    return ask(step)
        .recover(
            thrown -> {
              if (closed) {
                return Future.failedFuture(thrown);
              }
              Promise<Void> later = Promise.promise();
              timeline.after(pause, later::complete);
              return later
                  .future()
                  .compose(nothing -> insist(step, Math.min(2 * pause, LONGEST_PAUSE_NANOS)));
            });
  }
}
