package dev.forebay.core.limiting;

import dev.forebay.core.cost.Billing;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.LatencyWindow;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.RateLimiter.Amount;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What requests are expected to use, and what they used: the amounts that limits of the caller's
 * rate take and settle. On the gateway's timeline.
 *
 * <p>An answer is expected to be as long as the caller's bound allows. Without a bound it is the
 * length that a share of the last answers to the same tenant, by the same model and of the same
 * operation did not exceed; so about the rest of that share are longer. The window rounds up by
 * 6.25 % at most.
 */
final class Expectations {

  private static final int MOST_KNOWN = 1_024;
  private static final int SAMPLES = 256;

  /** Answers that must be known before their lengths count. */
  private static final int LEAST = 20;

  /** The window counts in microseconds. */
  private static final long NANOS_PER_TOKEN = 1_000;

  private static final double NANODOLLARS = 1e9;

  private final Prices prices;
  private final double quantile;
  private final int first;
  private final boolean usual;
  private final Map<Asker, LatencyWindow> lengths =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Asker, LatencyWindow> eldest) {
          return size() > MOST_KNOWN;
        }
      };

  private record Asker(String tenant, String model, Operation operation) {
    static Asker of(RequestInfo request) {
      Caller caller = request.caller();
      return new Asker(caller.tenant(), request.model(), request.operation());
    }
  }

  /**
   * Nothing learned yet.
   *
   * @param quantile share of the answers without a bound that are to be no longer than expected
   * @param first tokens of an answer without a bound of which nothing is known
   */
  Expectations(Prices prices, double quantile, int first) {
    this(prices, quantile, first, false);
  }

  private Expectations(Prices prices, double quantile, int first, boolean usual) {
    this.prices = prices;
    this.quantile = quantile;
    this.first = first;
    this.usual = usual;
  }

  /**
   * What is usual, and not what is to be reserved: the length that half of all answers did not
   * exceed, with a bound or without, and at most the caller's bound.
   *
   * @param first tokens of an answer of which nothing is known
   */
  static Expectations usual(int first) {
    return new Expectations(Prices.NONE, 0.5, first, true);
  }

  /** What a request is expected to use, at a time in milliseconds since 1970 UTC. */
  Amount of(RequestInfo request, long epochMillis) {
    long answer = answerTokens(request);
    double usd =
        prices.any()
            ? prices.of(request.model(), epochMillis).of(0, request.promptTokens(), answer)
            : 0;
    return new Amount(1, request.promptTokens() + answer, Math.round(usd * NANODOLLARS));
  }

  /** How long the answer to a request is expected to be, in tokens; 0 for an embedding. */
  long answerTokens(RequestInfo request) {
    int bound = request.maxOutputTokens();
    if (request.operation() == Operation.EMBEDDING) {
      return 0;
    }
    if (bound > 0 && !usual) {
      return bound;
    }
    LatencyWindow known = lengths.get(Asker.of(request));
    long learned =
        known == null || known.size() < LEAST
            ? first
            : known.percentile(quantile) / NANOS_PER_TOKEN;
    return bound > 0 ? Math.min(bound, learned) : learned;
  }

  /**
   * Learns from complete answers that were made for the request; of what is to be reserved, only
   * from those that had no bound.
   */
  void learn(RequestInfo request, Outcome outcome) {
    boolean tells =
        outcome.status() == Status.OK
            && known(outcome.usage())
            && !outcome.usage().replayed()
            && (usual || request.maxOutputTokens() == 0)
            && request.operation() != Operation.EMBEDDING;
    if (tells) {
      lengths
          .computeIfAbsent(Asker.of(request), asker -> new LatencyWindow(SAMPLES))
          .add(outcome.usage().completionTokens() * NANOS_PER_TOKEN);
    }
  }

  /**
   * What a request used.
   *
   * <ul>
   *   <li>Refused by the gateway, for a limit or for want of capacity: nothing, since nothing was
   *       done.
   *   <li>Answered from a cache, or with the answer to another request: a request, no tokens and no
   *       money.
   *   <li>Its usage is known: that, and what all calls for it cost, retries and hedges included.
   *   <li>It never reached an endpoint, or failed without content: a request.
   *   <li>Else what was expected, for nobody knows.
   * </ul>
   *
   * @param reached whether an endpoint had it
   */
  static Amount used(Outcome outcome, boolean reached) {
    Status status = outcome.status();
    if ((status == Status.REFUSED || status == Status.SATURATED) && !spoke(outcome)) {
      return Amount.NONE;
    }
    if (outcome.usage().replayed()) {
      return new Amount(1, 0, 0);
    }
    long nanodollars = Math.round(outcome.costUsd() * NANODOLLARS);
    if (known(outcome.usage())) {
      long tokens =
          (long) outcome.usage().promptTokens() + Math.max(0, outcome.usage().completionTokens());
      return new Amount(1, tokens, nanodollars);
    }
    return reached && Billing.worked(outcome) ? Amount.REQUEST : new Amount(1, 0, nanodollars);
  }

  private static boolean spoke(Outcome outcome) {
    return outcome.timings().firstContentNanos() >= 0;
  }

  private static boolean known(Usage usage) {
    return usage.promptTokens() > 0;
  }
}
