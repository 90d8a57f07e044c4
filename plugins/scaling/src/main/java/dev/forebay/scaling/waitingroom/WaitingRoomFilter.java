package dev.forebay.scaling.waitingroom;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.ComingCapacity;
import dev.forebay.spi.host.ComingCapacity.Coming;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds requests while nobody serves. It looks ten times a second, while any waits, whether a
 * member takes requests; those that wait then go on in the order in which they came. A request
 * whose time is up before the first member is expected is refused at once.
 */
final class WaitingRoomFilter implements Filter, Lifecycle {

  private static final long LOOK_NANOS = 100_000_000L;
  private static final long LEAST_RETRY_NANOS = 1_000_000_000L;

  private final WaitingRoom options;
  private final Pools pools;
  private final ComingCapacity outlook;
  private final Timeline timeline;
  private final Counter waited;
  private final Counter refused;
  private final Set<Waiter> waiting = new LinkedHashSet<>();
  private final Registration room;
  private Registration look = Registration.NONE;

  WaitingRoomFilter(
      WaitingRoom options, Pools pools, ComingCapacity outlook, PluginContext context) {
    this.options = options;
    this.pools = pools;
    this.outlook = outlook;
    this.timeline = context.timeline();
    this.waited = context.counter("waited");
    this.refused = context.counter("refused");
    this.room = outlook.room(options.pool());
    context.gauge("queue_length", waiting::size);
  }

  /** A request that waits, on the gateway's timeline. */
  private static final class Waiter {
    private final Promise<Void> turn = Promise.promise();
    private Registration end = Registration.NONE;
    private Registration limit = Registration.NONE;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    Promise<InferenceResponse> answer = Promise.promise();
    Timeline own = request.call().timeline();
    timeline.execute(
        () ->
            arrive(request)
                .onComplete(
                    (turn, why) ->
                        own.execute(
                            () -> {
                              if (why == null) {
                                next.serve(request).onComplete(answer);
                              } else {
                                answer.fail(why);
                              }
                            })));
    return answer.future();
  }

  /** Completes when the request may go on; fails if it may not wait. */
  private Future<Void> arrive(InferenceRequest request) {
    if (waiting.isEmpty() && pools.serving(options.pool()) > 0) {
      return Future.succeededFuture();
    }
    Failure ended = request.call().reason();
    if (ended != null) {
      return Future.failedFuture(ended);
    }
    if (waiting.size() >= options.maxWaiting()) {
      return refuse("queue_full", "too many requests wait for the first member");
    }
    outlook.await(options.pool());
    long expires =
        Math.min(request.info().deadlineNanos(), timeline.nanos() + options.maxWait().toNanos());
    if (outlook.of(options.pool()).onlyAfter(expires)) {
      outlook.over(options.pool());
      return refuse("saturated", "the first member comes too late");
    }
    return wait(request, expires);
  }

  private Future<Void> wait(InferenceRequest request, long expires) {
    Waiter waiter = new Waiter();
    waiting.add(waiter);
    waited.increment();
    waiter.limit =
        timeline.after(
            expires - timeline.nanos(),
            () -> leave(waiter, failure("queue_timeout", "no member came in time")));
    waiter.end =
        request
            .call()
            .onEnd(
                () ->
                    timeline.execute(
                        () -> {
                          Failure why = request.call().reason();
                          leave(waiter, why == null ? Failure.cancelled() : why);
                        }));
    if (waiting.size() == 1) {
      look();
    }
    return waiter.turn.future();
  }

  private void look() {
    look.cancel();
    if (pools.serving(options.pool()) > 0) {
      List.copyOf(waiting).forEach(waiter -> leave(waiter, null));
    }
    if (!waiting.isEmpty()) {
      look = timeline.after(LOOK_NANOS, this::look);
    }
  }

  private void leave(Waiter waiter, @Nullable Failure why) {
    if (!waiting.remove(waiter)) {
      return;
    }
    waiter.end.cancel();
    waiter.limit.cancel();
    outlook.over(options.pool());
    if (waiting.isEmpty()) {
      look.cancel();
    }
    if (why == null) {
      waiter.turn.complete();
    } else {
      refused.increment();
      waiter.turn.fail(why);
    }
  }

  @Override
  public Future<Void> close() {
    room.cancel();
    return Future.succeededFuture();
  }

  private Future<Void> refuse(String reason, String message) {
    refused.increment();
    return Future.failedFuture(failure(reason, message));
  }

  /** To come back when the first member is expected. */
  private Failure failure(String reason, String message) {
    Coming coming = outlook.of(options.pool());
    long wait = (long) coming.waitNanos(0, 1, timeline.nanos());
    return Failure.saturated(reason, message).retryAfter(Math.max(LEAST_RETRY_NANOS, wait));
  }
}
