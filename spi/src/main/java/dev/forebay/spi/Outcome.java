package dev.forebay.spi;

import org.jspecify.annotations.Nullable;

/**
 * How a request ended. Times are data here, so that policies learn without reading a clock.
 *
 * @param status the row of the outcome table
 * @param usage what it used, as far as known
 * @param timings when it began, spoke and ended
 * @param failure why it did not end well; null if {@code status} is {@link Status#OK}
 * @param costUsd what it cost in US dollars, as far as known; 0 if nothing has a price
 */
public record Outcome(
    Status status, Usage usage, Timings timings, @Nullable Failure failure, double costUsd) {

  /** An ending that has no price. */
  public Outcome(Status status, Usage usage, Timings timings, @Nullable Failure failure) {
    this(status, usage, timings, failure, 0);
  }

  /** This ending at a cost in US dollars. */
  public Outcome withCost(double usd) {
    return new Outcome(status, usage, timings, failure, usd);
  }

  /**
   * This ending of what began before the try that it was made for: it waited, or was tried before.
   *
   * @param nanos when it began, on the same timeline
   */
  public Outcome since(long nanos) {
    Timings since = new Timings(nanos, timings.firstContentNanos(), timings.endedNanos());
    return new Outcome(status, usage, since, failure, costUsd);
  }

  /** A complete answer. */
  public static Outcome ok(Usage usage, Timings timings) {
    return new Outcome(Status.OK, usage, timings, null);
  }

  /** An ending without a complete answer. */
  public static Outcome failed(Failure failure, Usage usage, Timings timings) {
    return new Outcome(failure.status(), usage, timings, failure);
  }

  /** A failure before anything was sent: both times are the same. */
  public static Outcome failed(Failure failure, long startedNanos, long endedNanos) {
    return failed(failure, Usage.NONE, new Timings(startedNanos, -1, endedNanos));
  }

  /**
   * When a try began, first spoke, and ended, in nanoseconds of the {@link Timeline} that ran it.
   *
   * @param startedNanos when it was sent
   * @param firstContentNanos when the first content came; -1 if none did. A role, a blank line or a
   *     comment is no content.
   * @param endedNanos when it ended
   */
  public record Timings(long startedNanos, long firstContentNanos, long endedNanos) {

    /** From sending to the first content, in nanoseconds; -1 if none came. */
    public long timeToFirstContentNanos() {
      return firstContentNanos < 0 ? -1 : firstContentNanos - startedNanos;
    }

    /** From sending to the end, in nanoseconds. */
    public long durationNanos() {
      return endedNanos - startedNanos;
    }
  }
}
