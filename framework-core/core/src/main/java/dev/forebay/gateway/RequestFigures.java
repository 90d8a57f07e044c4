package dev.forebay.gateway;

import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;

/**
 * How long a gateway's requests took, and why they failed: under {@code gateway}. Times are those
 * of complete answers, from the arrival of the request on; all tries, waits and hits of caches are
 * in them. Safe from any thread.
 */
final class RequestFigures {

  private static final String PART = "gateway";

  private final Histogram latency;
  private final Histogram firstContent;
  private final Labelled<Counter> errors;

  RequestFigures(MetricsRegistry metrics) {
    this.latency = metrics.histograms(PART, "latency_seconds", Buckets.SECONDS).of();
    this.firstContent = metrics.histograms(PART, "first_content_seconds", Buckets.SECONDS).of();
    this.errors = metrics.counters(PART, "errors", Label.of("reason"));
  }

  /**
   * A request is over.
   *
   * @param startedNanos when it arrived, on its timeline
   */
  void over(long startedNanos, Outcome outcome) {
    Failure failure = outcome.failure();
    if (failure != null) {
      errors.of(failure.reason()).increment();
      return;
    }
    latency.record(outcome.timings().endedNanos() - startedNanos);
    long first = outcome.timings().firstContentNanos();
    if (first >= 0) {
      firstContent.record(first - startedNanos);
    }
  }
}
