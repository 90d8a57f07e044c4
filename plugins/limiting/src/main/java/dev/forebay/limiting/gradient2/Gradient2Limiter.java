package dev.forebay.limiting.gradient2;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.ConcurrencyLimiter;

/**
 * The permits and the window around {@link Gradient}: every {@code shortWindow} endings that say
 * something about the capacity, the limit is set anew from their mean latency, from the most
 * requests that were under way when one of them began, and from whether any was refused as
 * overload.
 */
final class Gradient2Limiter implements ConcurrencyLimiter {

  private final Gradient gradient;
  private final boolean toFirstContent;
  private final int shortWindow;
  private int inFlight;
  private int peakInFlight;
  private int samples;
  private int congestions;
  private double latencySum;

  Gradient2Limiter(Gradient2 options, PluginContext context) {
    this.gradient = new Gradient(options);
    this.toFirstContent = options.latency() == Gradient2.Latency.FIRST_CONTENT;
    this.shortWindow = options.shortWindow();
    context.gauge("limit", this::limit);
    context.gauge("in_flight", this::inFlight);
    context.gauge("long_latency_seconds", () -> gradient.longLatency() / 1e9);
  }

  @Override
  public Decision acquire(RequestInfo request) {
    if (inFlight >= limit()) {
      return Saturated.UNTIL_RELEASE;
    }
    inFlight++;
    return new Admitted(new CountedPermit(inFlight));
  }

  @Override
  public int limit() {
    return gradient.limit();
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  private void learn(Outcome outcome, int inFlightAtStart) {
    switch (outcome.status().signal()) {
      case SAMPLE -> sample(latencyNanos(outcome.timings()), inFlightAtStart);
      case CONGESTION -> congestions++;
      case IGNORE -> {
        return;
      }
    }
    if (samples + congestions >= shortWindow) {
      closeWindow();
    }
  }

  private void sample(long nanos, int inFlightAtStart) {
    if (nanos > 0) {
      peakInFlight = Math.max(peakInFlight, inFlightAtStart);
      samples++;
      latencySum += nanos;
    }
  }

  /** 0 or less where there is none: an empty answer has no first content. */
  private long latencyNanos(Timings timings) {
    return toFirstContent ? timings.timeToFirstContentNanos() : timings.durationNanos();
  }

  private void closeWindow() {
    if (samples > 0) {
      gradient.update(latencySum / samples, peakInFlight);
    }
    if (congestions > 0) {
      gradient.congested((double) congestions / (samples + congestions));
    }
    samples = 0;
    congestions = 0;
    latencySum = 0;
    peakInFlight = 0;
  }

  private final class CountedPermit implements Permit {
    private final int inFlightAtStart;
    private boolean released;

    CountedPermit(int inFlightAtStart) {
      this.inFlightAtStart = inFlightAtStart;
    }

    @Override
    public void release(Outcome outcome) {
      if (!released) {
        released = true;
        learn(outcome, inFlightAtStart);
        inFlight--;
      }
    }
  }
}
