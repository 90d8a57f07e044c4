package dev.forebay.core;

/**
 * The last times of something, and their percentiles: a ring of samples whose counts are kept in
 * buckets that are a sixteenth of a power of two wide, as in HdrHistogram, so that a percentile is
 * at most 6.25 % too high. Constant memory, the same result for the same samples, and no clock.
 *
 * <p>Safe from any thread.
 */
final class LatencyWindow {

  private static final int SUB_BUCKETS = 16;
  private static final int SUB_BITS = 4;
  private static final int BUCKETS = 40 * SUB_BUCKETS;
  private static final long NANOS_PER_MICRO = 1_000;

  private final short[] ring;
  private final int[] counts = new int[BUCKETS];
  private int size;
  private int next;

  /** An empty window of so many samples at most. */
  LatencyWindow(int capacity) {
    this.ring = new short[capacity];
  }

  /** Takes a sample in; the oldest goes where the window is full. */
  synchronized void add(long nanos) {
    if (size == ring.length) {
      counts[ring[next]]--;
    } else {
      size++;
    }
    int bucket = bucket(nanos);
    ring[next] = (short) bucket;
    counts[bucket]++;
    next = next + 1 == ring.length ? 0 : next + 1;
  }

  /** Samples that are in it. */
  synchronized int size() {
    return size;
  }

  /**
   * The time that a share of the samples does not exceed, in nanoseconds, rounded up to the end of
   * its bucket; 0 where there is none.
   */
  synchronized long percentile(double share) {
    long rank = (long) Math.ceil(share * size);
    long seen = 0;
    for (int bucket = 0; bucket < BUCKETS && rank > 0; bucket++) {
      seen += counts[bucket];
      if (seen >= rank) {
        return end(bucket);
      }
    }
    return 0;
  }

  private static int bucket(long nanos) {
    long micros = Math.max(0, nanos / NANOS_PER_MICRO);
    if (micros < SUB_BUCKETS) {
      return (int) micros;
    }
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros);
    int sub = (int) (micros >> (power - SUB_BITS)) - SUB_BUCKETS;
    return Math.min(BUCKETS - 1, (power - SUB_BITS + 1) * SUB_BUCKETS + sub);
  }

  private static long end(int bucket) {
    int group = bucket / SUB_BUCKETS;
    long sub = bucket % SUB_BUCKETS;
    long micros = group == 0 ? sub + 1 : (sub + 1 + SUB_BUCKETS) << (group - 1);
    return micros * NANOS_PER_MICRO;
  }
}
