package dev.forebay.limiting.gradient2;

import dev.forebay.limiting.permits.CountingLimiter;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;

/**
 * The windows around {@link Gradient}: every {@code shortWindow} endings that say something about
 * the capacity, the limit is set anew from their mean latency, from the most requests that were
 * under way when one of them began, and from how many were refused as overload.
 *
 * <p>After {@value #BETWEEN} windows in which the limit was used it is halved for a fifth of a
 * window: what begins then tells the latency without a queue. Limits that never look drift (the
 * limiter {@code Gradient} of the same library looks, {@code Gradient2Limit} does not).
 */
final class Gradient2Limiter extends CountingLimiter {

  static final int BETWEEN = 20;
  private static final int PART = 5;

  private final Gradient gradient;
  private final boolean toFirstContent;
  private final int shortWindow;
  private final int min;
  private boolean halved;
  private int windows;
  private int round;
  private int peakInFlight;
  private int samples;
  private int congestions;
  private double latencySum;

  Gradient2Limiter(Gradient2 options, PluginContext context) {
    super(context);
    this.gradient = new Gradient(options, initial(options.initial(), options.min(), options.max()));
    this.toFirstContent = options.latency() == Gradient2.Latency.FIRST_CONTENT;
    this.shortWindow = options.shortWindow();
    this.min = options.min();
    context.gauge("long_latency_seconds", () -> gradient.longLatency() / 1e9);
  }

  @Override
  public int limit() {
    return halved ? Math.max(min, gradient.limit() / 2) : gradient.limit();
  }

  @Override
  protected int began(int requests) {
    return round;
  }

  @Override
  protected void ended(Outcome outcome, int requests, int mark) {
    if (halved && mark != round) {
      return;
    }
    if (outcome.status().signal() == Status.Signal.SAMPLE) {
      sample(latencyNanos(outcome.timings()), requests);
    } else {
      congestions++;
    }
    if (samples + congestions >= (halved ? Math.max(1, shortWindow / PART) : shortWindow)) {
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
      double latency = latencySum / samples;
      if (halved) {
        gradient.withoutQueue(latency, BETWEEN);
      } else if (gradient.update(latency, peakInFlight)) {
        windows++;
      }
    }
    if (congestions > 0) {
      gradient.congested((double) congestions / (samples + congestions));
    }
    halved = windows >= BETWEEN;
    if (halved) {
      windows = 0;
      round++;
    }
    samples = 0;
    congestions = 0;
    latencySum = 0;
    peakInFlight = 0;
  }
}
