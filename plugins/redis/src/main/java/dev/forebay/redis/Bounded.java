package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.spi.Counter;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Commands with bounds: on the time that anybody waits for one, on how many are under way, and on
 * how often a store is asked that does not answer.
 *
 * <p>A command that was given up is under way until the store answers it or its connection is lost:
 * it holds memory until then. What it would have done may still happen.
 */
final class Bounded {

  private final Timeline timeline;
  private final int most;
  private final Map<Reason, Counter> failures = new EnumMap<>(Reason.class);
  private final Circuit store;
  private final Circuit writes;
  private int underWay;

  Bounded(Redis.Options options, RedisStore store, PluginContext context) {
    this.timeline = context.timeline();
    this.most = options.maxOutstanding();
    for (Reason reason : Reason.values()) {
      failures.put(reason, context.counter("failures." + reason.word()));
    }
    long pause = options.pause().toNanos();
    long patience = options.socketTimeout().toNanos();
    this.store =
        new Circuit(
            options.failures(),
            pause,
            timeline,
            context.counter("circuit-opened"),
            () -> within(patience, store::ping));
    this.writes =
        new Circuit(
            1,
            pause,
            timeline,
            context.counter("write-circuit-opened"),
            () -> within(patience, store::ping));
    context.gauge("circuit-open", () -> this.store.isOpen() ? 1 : 0);
    context.gauge("under-way", () -> underWay);
  }

  /** A command that reads: fails after so many nanoseconds. */
  <V extends @Nullable Object> Future<V> read(long nanos, Supplier<Future<V>> command) {
    return store.closed() ? run(nanos, command) : refused(Reason.CIRCUIT_OPEN);
  }

  /** A command that writes: a store that is full or read-only is left alone for a while. */
  <V extends @Nullable Object> Future<V> write(long nanos, Supplier<Future<V>> command) {
    return store.closed() && writes.closed() ? run(nanos, command) : refused(Reason.CIRCUIT_OPEN);
  }

  /** A command that is not run, since what is under way is as large as may be. */
  Future<Void> overfull() {
    return refused(Reason.BUSY);
  }

  private <V extends @Nullable Object> Future<V> run(long nanos, Supplier<Future<V>> command) {
    if (underWay >= most) {
      return refused(Reason.BUSY);
    }
    return within(nanos, command).onSuccess(done -> store.succeeded()).onFailure(this::failed);
  }

  private void failed(Throwable thrown) {
    Reason reason = thrown instanceof RedisFailure failure ? failure.reason() : Reason.ERROR;
    count(reason);
    if (reason.opensCircuit()) {
      store.failed();
    } else {
      store.succeeded();
    }
    if (reason.opensForWrites()) {
      writes.failed();
    }
  }

  private <V extends @Nullable Object> Future<V> within(long nanos, Supplier<Future<V>> command) {
    Promise<V> answer = Promise.promise();
    underWay++;
    Registration timer =
        timeline.after(
            nanos,
            () ->
                answer.tryFail(
                    new RedisFailure(
                        Reason.TIMEOUT, "no answer within " + nanos / 1_000_000 + " ms")));
    command
        .get()
        .onComplete(
            result -> {
              underWay--;
              timer.cancel();
              if (result.succeeded()) {
                answer.tryComplete(result.result());
              } else {
                answer.tryFail(result.cause());
              }
            });
    return answer.future();
  }

  private <V extends @Nullable Object> Future<V> refused(Reason reason) {
    count(reason);
    return Future.failedFuture(
        new RedisFailure(reason, reason == Reason.BUSY ? "too much under way" : "resting"));
  }

  private void count(Reason reason) {
    Objects.requireNonNull(failures.get(reason)).increment();
  }
}
