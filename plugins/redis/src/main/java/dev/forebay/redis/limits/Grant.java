package dev.forebay.redis.limits;

import java.util.List;

/**
 * What the store answers to a question for credit.
 *
 * @param units of credit; below 0 if the store has lost what it knew, and does not decide yet
 * @param stamp of the credit
 * @param lifeNanos how long it may be used, from the question on
 * @param waitNanos until the least that was asked for is there once more; if the store does not
 *     decide, until it does
 * @param left units that nobody holds
 * @param resetNanos until nothing is taken
 * @param micros the store's clock
 */
record Grant(
    long units,
    long stamp,
    long lifeNanos,
    long waitNanos,
    long left,
    long resetNanos,
    long micros) {

  /** Numbers of a reply. */
  static final int NUMBERS = 7;

  private static final int MICRO = 1_000;
  private static final long LONGEST_MICROS = Long.MAX_VALUE / 4 / MICRO;

  static Grant of(List<Long> reply) {
    return new Grant(
        reply.get(0),
        reply.get(1),
        nanos(reply.get(2)),
        nanos(reply.get(3)),
        reply.get(4),
        nanos(reply.get(5)),
        reply.get(6));
  }

  boolean decides() {
    return units >= 0;
  }

  private static long nanos(long micros) {
    return Math.min(LONGEST_MICROS, micros) * MICRO;
  }
}
