package dev.forebay.gateway;

import dev.forebay.core.kernel.GuardedSpan;
import dev.forebay.core.stream.Endings;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.host.RequestWatcher;
import dev.forebay.spi.tracing.Tracers;
import io.vertx.core.Future;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The requests of a gateway from their arrival to their end: counted, traced, watched, and each
 * with one outcome. A request is served on the timeline of its call; figures are read from any
 * thread.
 */
final class TrackedRequests {

  private final AtomicInteger open = new AtomicInteger();
  private final RequestMetrics metrics;
  private final TracerSlot tracer;
  private final WatchedRequests watched;

  /** None as yet; plugins of the host may trace and watch them. */
  TrackedRequests(Host host) {
    this.metrics = new RequestMetrics(host.metrics());
    this.tracer = new TracerSlot(host.errors());
    this.watched = new WatchedRequests(host::errors);
    host.lend(Tracers.class, tracer).lend(RequestWatcher.Watchers.class, watched::add);
    host.gauge(RequestMetrics.PART, "open_requests", open::get);
  }

  /** How many are under way. */
  int open() {
    return open.get();
  }

  RequestMetrics metrics() {
    return metrics;
  }

  /** Checks what could otherwise throw once a request is counted, which would then never end. */
  static void require(InferenceRequest request) {
    Objects.requireNonNull(request, "request: null (expected: a request)");
    Objects.requireNonNull(request.call(), "call: null (expected: the request's call)")
        .timeline()
        .check();
  }

  /** Serves one by an assembly that it has entered, and that it leaves when it is over. */
  Future<InferenceResponse> serve(InferenceRequest request, Assembly entered) {
    open.incrementAndGet();
    entered.calls().follow(request.call());
    entered.extraWork().deposit();
    long started = request.call().timeline().nanos();
    RequestSpan span = tracer.begin(request);
    WatchedRequests.Watched each = watched.none() ? null : watched.new Watched(request);
    Failure refused = each == null ? null : each.begins();
    Future<InferenceResponse> served =
        refused == null
            ? answer(entered, GuardedSpan.sent(request, span))
            : Future.failedFuture(refused);
    if (each != null && refused == null) {
      served = each.answered(served);
    }
    return Endings.guardAndTrack(
        request.call(),
        started,
        span == null ? served : served.onSuccess(span::answered),
        outcome -> {
          if (span != null) {
            span.over(outcome.since(started));
          }
          entered.calls().leave();
          over(request, outcome, started);
          if (each != null) {
            each.ended(outcome, started);
          }
        });
  }

  private static Future<InferenceResponse> answer(Assembly assembly, InferenceRequest request) {
    try {
      return assembly.service().serve(request);
    } catch (Exception | Error e) { // whatever it is, the request gets an answer
      return Future.failedFuture(assembly.errors().failure("pipeline", e));
    }
  }

  private void over(InferenceRequest request, Outcome outcome, long startedNanos) {
    open.decrementAndGet();
    metrics.over(request.info(), outcome, startedNanos, request.call().timeline().nanos());
  }
}
