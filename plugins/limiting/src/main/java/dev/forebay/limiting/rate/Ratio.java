package dev.forebay.limiting.rate;

import java.math.BigInteger;

/**
 * A rate in integers, so that nothing drifts: so many units in so many nanoseconds, in lowest
 * terms.
 *
 * @param units above 0
 * @param nanos above 0
 */
public record Ratio(long units, long nanos) {

  private static final long LONGEST = Long.MAX_VALUE / 4;

  /** Brings it to lowest terms. */
  public Ratio {
    if (units < 1 || nanos < 1) {
      throw new IllegalArgumentException(
          "ratio: " + units + " in " + nanos + " ns (expected: both above 0)");
    }
    long divisor = divisor(units, nanos);
    units /= divisor;
    nanos /= divisor;
  }

  /** Whole units that come in, with a rest from before in units × {@link #nanos}. */
  public long unitsIn(long elapsedNanos, long rest) {
    return divided(elapsedNanos, units, rest, nanos);
  }

  /** The rest after {@link #unitsIn}, below {@link #nanos}. */
  public long restOf(long elapsedNanos, long rest, long came) {
    return elapsedNanos * units + rest - came * nanos; // what overflows cancels out
  }

  /** Nanoseconds until so many units have come in, rounded up; at most 73 years. */
  public long nanosFor(long wanted, long rest) {
    return wanted <= 0 ? 0 : Math.min(LONGEST, divided(wanted, nanos, units - 1 - rest, units));
  }

  private static long divisor(long a, long b) {
    return b == 0 ? a : divisor(b, a % b);
  }

  /** (a × b + c) ÷ d, rounded down, without overflow on the way; the greatest long at most. */
  private static long divided(long a, long b, long c, long d) {
    long product = a * b;
    if (Math.multiplyHigh(a, b) == 0 && product >= 0 && product <= Long.MAX_VALUE / 2) {
      return Math.floorDiv(product + c, d);
    }
    BigInteger exact =
        BigInteger.valueOf(a)
            .multiply(BigInteger.valueOf(b))
            .add(BigInteger.valueOf(c))
            .divide(BigInteger.valueOf(d));
    return exact.bitLength() < Long.SIZE ? exact.longValue() : Long.MAX_VALUE;
  }
}
