package dev.forebay.core;

import dev.forebay.spi.Attempt;
import dev.forebay.spi.Counter;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Range;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Unit;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks another pool, or for another model, when there is no answer: once, before the first content,
 * on the same budget for extra work as retries.
 */
public final class FallbackFilter implements Filter {

  /** The header that says which other model answered; such an answer is not cached. */
  static final String MODEL_HEADER = "x-forebay-model";

  private final Options options;
  private final @Nullable Service pool;
  private final ExtraWork budget;
  private final Counter fallbacks;
  private final Counter denied;
  private final Counter unwritable;

  /**
   * A filter that falls back.
   *
   * @param pool what is asked instead; null for what follows this filter, by another model
   */
  public FallbackFilter(
      Options options, @Nullable Service pool, ExtraWork budget, PluginContext context) {
    this.options = options;
    this.pool = pool;
    this.budget = budget;
    this.fallbacks = context.counter("fallbacks");
    this.denied = context.counter("budget_denied");
    this.unwritable = context.counter("unwritable");
  }

  /**
   * Options of the stage {@code fallback}.
   *
   * @param pool that is asked; null for what follows, which then is asked for another model
   * @param model that is asked for; null for the same
   * @param on endings after which it is asked
   * @param maxPromptTokens the longest prompt that it is asked with; 0 for any
   */
  @Doc("Asks another pool, or for another model, where what follows has no answer.")
  public record Options(
      @Doc("Pool that is asked; without it, what follows is asked again, for another model.")
          @Nullable String pool,
      @Doc(
              "Model that is asked for; only that field of the body is rewritten. Without it, the same.")
          @Nullable String model,
      @Doc("Endings after which it is asked.")
          @Default("[account-out, throttled, overloaded, stalled, saturated, internal]")
          List<Status> on,
      @Doc("The longest prompt that it is asked with; 0 for any.")
          @Default("0")
          @Range(min = 0)
          @Unit("tokens")
          int maxPromptTokens) {

    /** Checks that there is something else to ask, and copies. */
    public Options {
      on = List.copyOf(on);
      if (pool == null && model == null) {
        throw new IllegalArgumentException("pool: missing (expected: a pool, a model or both)");
      }
    }

    /** Another pool, and perhaps another model, after every ending that another may answer. */
    public static Options to(@Nullable String pool, @Nullable String model) {
      return new Options(
          pool,
          model,
          List.of(
              Status.ACCOUNT_OUT,
              Status.THROTTLED,
              Status.OVERLOADED,
              Status.STALLED,
              Status.SATURATED,
              Status.INTERNAL),
          0);
    }
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
    if (!budget.take(request.call().home().nanos())) {
      denied.increment();
      return Future.failedFuture(failure.exhaust());
    }
    fallbacks.increment();
    boolean renamed = !other.info().model().equals(request.info().model());
    return (pool == null ? next : pool)
        .serve(other.with(new Attempt(failure.attempts() + 1, request.attempt().avoid())))
        .map(answer -> renamed ? answer.withHeader(MODEL_HEADER, other.info().model()) : answer)
        .recover(thrown -> Future.failedFuture(worse(failure, Failure.from(thrown))));
  }

  /** Of two failures, the one that tells the caller more: what the last pool said. */
  private static Failure worse(Failure first, Failure second) {
    Failure told = second.after(first.attempts() + second.attempts());
    return second.status().retryable() ? told.exhaust() : told;
  }
}
