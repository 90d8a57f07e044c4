package dev.forebay.core.retrying;

import dev.forebay.core.cost.ModelField;
import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Service;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * Asks another pool, or for another model, when there is no answer: once, before the first content,
 * on the same budget for extra work as retries.
 */
final class FallbackFilter implements OwnFilter {

  /** The header that says which other model answered; such an answer is not cached. */
  static final String MODEL_HEADER = "x-forebay-model";

  private final Fallback options;
  private final @Nullable Service pool;
  private final RetryBudget budget;
  private final Counter fallbacks;
  private final Counter denied;
  private final Counter unwritable;

  /**
   * A filter that falls back.
   *
   * @param pool what is asked instead; null for what follows this filter, by another model
   */
  public FallbackFilter(
      Fallback options, @Nullable Service pool, RetryBudget budget, PluginContext context) {
    this.options = options;
    this.pool = pool;
    this.budget = budget;
    this.fallbacks = context.counter("fallbacks");
    this.denied = context.counter("budget_denied");
    this.unwritable = context.counter("unwritable");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    return next.serve(request)
        .compose(FirstContent::await)
        .recover(thrown -> fallBack(request, next, Failure.from(thrown)));
  }

  private Future<InferenceResponse> fallBack(
      InferenceRequest request, Service next, Failure failure) {
    int longest = options.maxPromptTokens();
    boolean fits = longest == 0 || request.info().promptTokens() <= longest;
    if (!options.on().contains(failure.status()) || !fits || request.call().ended()) {
      return Future.failedFuture(failure);
    }
    String model = options.model();
    InferenceRequest other = model == null ? request : ModelField.rewrite(request, model);
    if (other == null) {
      unwritable.increment();
      return Future.failedFuture(failure);
    }
    if (!budget.take(request.call().timeline().nanos())) {
      denied.increment();
      return Future.failedFuture(failure.exhaust());
    }
    fallbacks.increment();
    RequestSpan span = request.call().span();
    if (span != null) {
      span.event("fallback", "reason", failure.reason(), "model", other.info().model());
    }
    boolean renamed = !other.info().model().equals(request.info().model());
    return (pool == null ? next : pool)
        .serve(
            other.with(
                new Attempt(
                    failure.attempts() + 1, request.attempt().avoid(), request.attempt().given())))
        .map(answer -> renamed ? answer.withHeader(MODEL_HEADER, other.info().model()) : answer)
        .recover(thrown -> Future.failedFuture(worse(failure, Failure.from(thrown))));
  }

  /** Of two failures, the one that tells the caller more: what the last pool said. */
  private static Failure worse(Failure first, Failure second) {
    Failure told = second.after(first.attempts() + second.attempts());
    return second.status().retryable() ? told.exhaust() : told;
  }
}
