package dev.forebay.core.cost;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;

/**
 * What one call to an upstream is billed for, as far as can be said. An upstream that was cut off
 * has not said what it used: then it is the estimate of the prompt, as if nothing had been cached,
 * and the content that came. A call that was refused costs nothing.
 */
public final class Billing {

  private final Prices prices;

  public Billing(Prices prices) {
    this.prices = prices;
  }

  /** What a call used, or is thought to have used. */
  public static Usage usage(RequestInfo request, Outcome outcome) {
    Usage said = outcome.usage();
    if (said.promptTokens() > 0) {
      return said;
    }
    return worked(outcome)
        ? new Usage(request.promptTokens(), 0, said.completionTokens(), said.reasoningTokens())
        : Usage.NONE;
  }

  /** Whether an upstream may have worked for it. */
  public static boolean worked(Outcome outcome) {
    return switch (outcome.status()) {
      case OK, CANCELLED, STALLED, TIMED_OUT -> true;
      default -> outcome.timings().firstContentNanos() >= 0;
    };
  }

  /** What a call cost, in US dollars, at a time in milliseconds since 1970 UTC. */
  public double cost(RequestInfo request, Outcome outcome, long epochMillis) {
    return prices.of(request.model(), epochMillis).of(usage(request, outcome));
  }

  /**
   * What a call costs before its answer begins: in US dollars where the model has a price, else as
   * if a million tokens cost one.
   */
  public double weight(RequestInfo request, long epochMillis) {
    Price price = prices.of(request.model(), epochMillis);
    double perToken = price.prompt() > 0 ? price.prompt() : 1;
    return Math.max(1, request.promptTokens()) * perToken / 1e6;
  }
}
