package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.spi.Counter;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
  private final Set<Promise<?>> waiting = new LinkedHashSet<>();
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
            () -> within(patience, store::ping, Promise.promise()));
    this.writes =
        new Circuit(
            1,
            pause,
            timeline,
            context.counter("write-circuit-opened"),
            () -> within(patience, store::ping, Promise.promise()));
    context.gauge("circuit-open", () -> this.store.isOpen() ? 1 : 0);
    context.gauge("under-way", () -> underWay);
  }

  /**
   * A command that a request waits for: fails after so many nanoseconds, and at once where the
   * circuit opens meanwhile.
   */
  <V extends @Nullable Object> Future<V> lookUp(long nanos, Supplier<Future<V>> command) {
    if (!store.closed()) {
      return refused(resting());
    }
    Promise<V> answer = Promise.promise();
    waiting.add(answer);
    answer.future().onComplete(done -> waiting.remove(answer));
    return run(nanos, command, answer);
  }

  /** A command that needs no room: fails after so many nanoseconds. */
  <V extends @Nullable Object> Future<V> read(long nanos, Supplier<Future<V>> command) {
    return store.closed() ? run(nanos, command) : refused(resting());
  }

  /** A command that writes: a store that is full or read-only is left alone for a while. */
  <V extends @Nullable Object> Future<V> write(long nanos, Supplier<Future<V>> command) {
    return store.closed() && writes.closed() ? run(nanos, command) : refused(resting());
  }

  /** A command that is not run, since what is under way is as large as may be. */
  Future<Void> overfull() {
    return refused(tooMuch());
  }

  private <V extends @Nullable Object> Future<V> run(long nanos, Supplier<Future<V>> command) {
    return run(nanos, command, Promise.promise());
  }

  private <V extends @Nullable Object> Future<V> run(
      long nanos, Supplier<Future<V>> command, Promise<V> answer) {
    if (underWay >= most) {
      refused(tooMuch()).onFailure(answer::fail);
      return answer.future();
    }
    answer.future().onSuccess(done -> store.succeeded()).onFailure(this::failed);
    return within(nanos, command, answer);
  }

  private void failed(Throwable thrown) {
    Reason reason = thrown instanceof RedisFailure failure ? failure.reason() : Reason.ERROR;
    count(reason);
    if (reason == Reason.CIRCUIT_OPEN) {
      return; // it was let go, and says nothing new
    }
    if (reason.opensCircuit()) {
      store.failed();
      letGo();
    } else {
      store.succeeded();
    }
    if (reason.opensForWrites()) {
      writes.failed();
    }
  }

  private void letGo() {
    if (store.isOpen()) {
      List.copyOf(waiting).forEach(lookup -> lookup.tryFail(resting()));
    }
  }

  private <V extends @Nullable Object> Future<V> within(
      long nanos, Supplier<Future<V>> command, Promise<V> answer) {
    underWay++;
    Registration timer =
        timeline.after(
            nanos,
            () ->
                answer.tryFail(
                    new RedisFailure(
                        Reason.TIMEOUT, "no answer within " + nanos / 1_000_000 + " ms")));
    answer.future().onComplete(over -> timer.cancel());
    begun(command)
        .onComplete(
            result -> {
              underWay--;
              if (result.succeeded()) {
                answer.tryComplete(result.result());
              } else {
                answer.tryFail(result.cause());
              }
            });
    return answer.future();
  }

  private static <V extends @Nullable Object> Future<V> begun(Supplier<Future<V>> command) {
    try {
      return command.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private <V extends @Nullable Object> Future<V> refused(RedisFailure failure) {
    count(failure.reason());
    return Future.failedFuture(failure);
  }

  private static RedisFailure tooMuch() {
    return new RedisFailure(Reason.BUSY, "too much under way");
  }

  private static RedisFailure resting() {
    return new RedisFailure(Reason.CIRCUIT_OPEN, "resting");
  }

  private void count(Reason reason) {
    Objects.requireNonNull(failures.get(reason)).increment();
  }
}
