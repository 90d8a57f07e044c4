package dev.forebay.core;

import dev.forebay.spi.Attempt;
import dev.forebay.spi.Counter;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import io.vertx.core.Future;

/**
 * Asks another pool when the first has no answer: once, before the first content, on the same
 * budget for extra work as retries.
 */
public final class FallbackFilter implements Filter {

  private final Service other;
  private final ExtraWork budget;
  private final Counter fallbacks;
  private final Counter denied;

  /** A filter that falls back to another service. */
  public FallbackFilter(Service other, ExtraWork budget, PluginContext context) {
    this.other = other;
    this.budget = budget;
    this.fallbacks = context.counter("fallbacks");
    this.denied = context.counter("budget_denied");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    return next.serve(request)
        .compose(FirstContent::await)
        .recover(thrown -> fallBack(request, Failure.from(thrown)));
  }

  private Future<InferenceResponse> fallBack(InferenceRequest request, Failure failure) {
    boolean elsewhere =
        failure.status().retryable()
            || failure.status() == Status.SATURATED
            || failure.status() == Status.INTERNAL;
    if (!elsewhere || request.call().ended()) {
      return Future.failedFuture(failure);
    }
    if (!budget.take(request.call().home().nanos())) {
      denied.increment();
      return Future.failedFuture(failure);
    }
    fallbacks.increment();
    return other
        .serve(request.with(new Attempt(failure.attempts() + 1, request.attempt().avoid())))
        .recover(thrown -> Future.failedFuture(worse(failure, Failure.from(thrown))));
  }

  /** Of two failures, the one that tells the caller more: what the last pool said. */
  private static Failure worse(Failure first, Failure second) {
    return second.after(first.attempts() + second.attempts());
  }
}
