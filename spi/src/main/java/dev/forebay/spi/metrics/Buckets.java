package dev.forebay.spi.metrics;

/**
 * The buckets of a histogram: sixteen of equal width, then sixteen for each doubling, as in
 * HdrHistogram. So a bucket's end is at most 6.25 % above what is in it, over the whole range, and
 * the bucket of a value is computed, not searched for. What is beyond the range is in the last one.
 *
 * <p>Figures are whole numbers, so sums are exact and do not depend on the order of recording:
 * times are recorded in nanoseconds and told in seconds.
 *
 * @param unit in which the figures are told, the last word of the metric's name: {@code seconds}
 * @param perUnit what is recorded for one unit: 1,000,000,000 for nanoseconds told in seconds; at
 *     least 1
 * @param step width of each of the first sixteen buckets, as recorded; at least 1
 * @param doublings how often the range doubles from {@code 16 * step} on: 1 to 40
 */
public record Buckets(String unit, long perUnit, long step, int doublings) {

  /** Times from 0.1 ms to 28 minutes. Recorded in nanoseconds. */
  public static final Buckets SECONDS = new Buckets("seconds", 1_000_000_000, 100_000, 20);

  /** Tokens from 1 to 16 million. */
  public static final Buckets TOKENS = new Buckets("tokens", 1, 1, 20);

  /** Sizes from 64 bytes to 1 GiB. */
  public static final Buckets BYTES = new Buckets("bytes", 1, 64, 20);

  private static final int SUB_BUCKETS = 16;
  private static final int SUB_BITS = 4;

  /** Checks. */
  public Buckets {
    if (perUnit < 1 || step < 1 || doublings < 1 || doublings > 40) {
      throw new IllegalArgumentException(
          "buckets: perUnit %d, step %d, doublings %d (expected: >= 1, >= 1, 1 to 40)"
              .formatted(perUnit, step, doublings));
    }
    if (step > Long.MAX_VALUE >> (doublings + SUB_BITS)) {
      throw new IllegalArgumentException(
          "buckets: step " + step + " with " + doublings + " doublings (expected: ends in a long)");
    }
  }

  /** How many there are. */
  public int size() {
    return (doublings + 1) * SUB_BUCKETS;
  }

  /** The bucket of a value, as recorded: 0 to {@code size() - 1}. */
  public int index(long value) {
    long steps = value / step;
    if (steps < SUB_BUCKETS) {
      return (int) Math.max(0, steps);
    }
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(steps);
    int sub = (int) (steps >> (power - SUB_BITS)) - SUB_BUCKETS;
    return Math.min(size() - 1, (power - SUB_BITS + 1) * SUB_BUCKETS + sub);
  }

  /** The least value, as recorded, that is beyond a bucket; the last one holds such values, too. */
  public long end(int index) {
    int group = index / SUB_BUCKETS;
    long sub = index % SUB_BUCKETS;
    return step * (group == 0 ? sub + 1 : (sub + 1 + SUB_BUCKETS) << (group - 1));
  }

  /** A figure as recorded, in the unit in which it is told. */
  public double told(long recorded) {
    return (double) recorded / perUnit;
  }
}
