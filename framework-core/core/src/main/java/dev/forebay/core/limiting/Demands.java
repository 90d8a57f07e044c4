package dev.forebay.core.limiting;

import dev.forebay.core.kernel.LatencyWindow;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.Ticket.Demand;
import org.jspecify.annotations.Nullable;

/**
 * What requests are expected to take of the capacity behind the stage {@code admit}. On the
 * gateway's timeline.
 *
 * <p>Answers are expected to have the usual length. The time that a request needs is what half of
 * the last 256 complete answers of about that expected length took, or less. With a tenth of them
 * in the place of half, more requests begin at the last moment and are not finished. A model of
 * prefill and decoding was rejected: it knows neither whole answers, whose first content is their
 * end, nor the queues of upstreams.
 */
final class Demands {

  private static final double USUAL = 0.5;
  private static final int SAMPLES = 256;
  private static final int LEAST = 20;
  private static final int FIRST_TOKENS = 256;

  private final Prefixes prefixes = new Prefixes();
  private final Expectations lengths = Expectations.usual(FIRST_TOKENS);

  /** By the power of two that is above the expected length. */
  private final @Nullable LatencyWindow[] times = new LatencyWindow[Long.SIZE + 1];

  /** Of a request. */
  Demand of(InferenceRequest request) {
    long tokens = lengths.answerTokens(request.info());
    LatencyWindow known = times[size(tokens)];
    long service = known == null || known.size() < LEAST ? 0 : known.percentile(USUAL);
    long cached = prefixes.cachedTokens(request.info());
    return new Demand(tokens, cached, service, request.body().length());
  }

  /** Learns from complete answers; those of caches and shared ones say nothing. */
  void learn(RequestInfo request, Outcome outcome) {
    if (outcome.status() != Status.OK || outcome.usage().replayed()) {
      return;
    }
    int size = size(lengths.answerTokens(request));
    LatencyWindow window = times[size];
    if (window == null) {
      window = new LatencyWindow(SAMPLES);
      times[size] = window;
    }
    window.add(outcome.timings().durationNanos());
    lengths.learn(request, outcome);
    prefixes.learn(request, outcome.usage());
  }

  private static int size(long tokens) {
    return Long.SIZE - Long.numberOfLeadingZeros(tokens);
  }
}
