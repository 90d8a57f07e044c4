package dev.forebay.spi;

import org.jspecify.annotations.Nullable;

/**
 * How a request ended. Times are data here, so that policies learn without reading a clock.
 *
 * @param status the row of the outcome table
 * @param usage what it used, as far as known
 * @param timings when it began, spoke and ended
 * @param failure why it did not end well; null where {@code status} is {@link Status#OK}
 */
public record Outcome(Status status, Usage usage, Timings timings, @Nullable Failure failure) {

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
}
