package dev.forebay.spi.metrics;

/**
 * The buckets of a histogram: so many of equal width, then as many for each doubling, as in
 * HdrHistogram. So a bucket's end is at most 6.25 % above what is in it with sixteen, over the
 * whole range, and the bucket of a value is computed, not searched for. What is beyond the range is
 * in the last one.
 *
 * <p>Figures are whole numbers, so sums are exact and do not depend on the order of recording:
 * times are recorded in nanoseconds and told in seconds.
 *
 * @param unit in which the figures are told, the last word of the metric's name: {@code seconds}
 * @param perUnit what is recorded for one unit: 1,000,000,000 for nanoseconds told in seconds; at
 *     least 1
 * @param step width of each of the first buckets, as recorded; at least 1
 * @param doublings how often the range doubles from {@code perDoubling * step} on: 1 to 40
 * @param perDoubling buckets of equal width, and of each doubling: a power of two, 16 to 128
 */
public record Buckets(String unit, long perUnit, long step, int doublings, int perDoubling) {

  /** Times from 0.1 ms to 28 minutes. Recorded in nanoseconds. */
  public static final Buckets SECONDS = new Buckets("seconds", 1_000_000_000, 100_000, 20);

  /**
   * Times from 0.05 ms to 28 minutes, for latencies that are alerted on: a bucket's end is at most
   * 3.2 % above what is in it. Recorded in nanoseconds.
   */
  public static final Buckets FINE_SECONDS = new Buckets("seconds", 1_000_000_000, 50_000, 20, 32);

  /** Tokens from 1 to 16 million. */
  public static final Buckets TOKENS = new Buckets("tokens", 1, 1, 20);

  /** Sizes from 64 bytes to 1 GiB. */
  public static final Buckets BYTES = new Buckets("bytes", 1, 64, 20);

  private static final int LEAST_PER_DOUBLING = 16;
  private static final int MOST_PER_DOUBLING = 128;

  /** With sixteen for each doubling. */
  public Buckets(String unit, long perUnit, long step, int doublings) {
    this(unit, perUnit, step, doublings, LEAST_PER_DOUBLING);
  }

  /** Checks. */
  public Buckets {
    if (perUnit < 1 || step < 1 || doublings < 1 || doublings > 40) {
      throw new IllegalArgumentException(
          "buckets: perUnit %d, step %d, doublings %d (expected: >= 1, >= 1, 1 to 40)"
              .formatted(perUnit, step, doublings));
    }
    if (perDoubling < LEAST_PER_DOUBLING
        || perDoubling > MOST_PER_DOUBLING
        || Integer.bitCount(perDoubling) != 1) {
      throw new IllegalArgumentException(
          "buckets: " + perDoubling + " for a doubling (expected: a power of two, 16 to 128)");
    }
    if (step > Long.MAX_VALUE >> (doublings + bits(perDoubling))) {
      throw new IllegalArgumentException(
          "buckets: step " + step + " with " + doublings + " doublings (expected: ends in a long)");
    }
  }

  /** How many there are. */
  public int size() {
    return (doublings + 1) * perDoubling;
  }

  private static int bits(int perDoubling) {
    return Integer.numberOfTrailingZeros(perDoubling);
  }

  /** The bucket of a value, as recorded: 0 to {@code size() - 1}. */
  public int index(long value) {
    long steps = value / step;
    if (steps < perDoubling) {
      return (int) Math.max(0, steps);
    }
    int doubling = Long.SIZE - 1 - Long.numberOfLeadingZeros(steps) - bits(perDoubling);
    int sub = (int) (steps >> doubling) - perDoubling;
    return Math.min(size() - 1, (doubling + 1) * perDoubling + sub);
  }

  /** The least value, as recorded, that is beyond a bucket; the last one holds such values, too. */
  public long end(int index) {
    int group = index / perDoubling;
    long sub = index % perDoubling;
    return step * (group == 0 ? sub + 1 : (sub + 1 + perDoubling) << (group - 1));
  }

  /** A figure as recorded, in the unit in which it is told. */
  public double told(long recorded) {
    return (double) recorded / perUnit;
  }
}
