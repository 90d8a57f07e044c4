package dev.forebay.queuing.line;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;

/**
 * The mean time from a permit to the end of a complete answer: the mean of the first ones, then a
 * moving average over about 50. What ended otherwise says nothing about how long an answer takes.
 */
public final class ServiceTime {

  private static final int LEAST = 10;
  private static final int WINDOW = 50;

  private int samples;
  private double nanos;

  /** Learns from the ending of a request. */
  public void finished(Outcome outcome) {
    if (outcome.status() == Status.OK) {
      samples = Math.min(samples + 1, WINDOW);
      nanos += (outcome.timings().durationNanos() - nanos) / samples;
    }
  }

  /** Whether enough answers have come to say. */
  public boolean known() {
    return samples >= LEAST;
  }

  /** So many service times, in nanoseconds; {@link Long#MAX_VALUE} while nothing is known. */
  public long times(double factor) {
    return known() ? (long) (factor * nanos) : Long.MAX_VALUE;
  }
}
