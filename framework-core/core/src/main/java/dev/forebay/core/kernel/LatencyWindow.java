package dev.forebay.core.kernel;

import dev.forebay.spi.metrics.Buckets;

/**
 * The last times of something, and their percentiles: a ring of samples whose counts are kept in
 * buckets ({@link Buckets}), so that a percentile is at most 6.25 % too high. Constant memory, the
 * same result for the same samples, and no clock.
 *
 * <p>Safe from any thread.
 */
public final class LatencyWindow {

  private static final Buckets BUCKETS = new Buckets("seconds", 1_000_000_000, 1_000, 39);

  private final short[] ring;
  private final int[] counts = new int[BUCKETS.size()];
  private int size;
  private int next;

  /** An empty window of so many samples at most. */
  public LatencyWindow(int capacity) {
    this.ring = new short[capacity];
  }

  /** Takes a sample in; the oldest goes where the window is full. */
  public synchronized void add(long nanos) {
    if (size == ring.length) {
      counts[ring[next]]--;
    } else {
      size++;
    }
    int bucket = BUCKETS.index(nanos);
    ring[next] = (short) bucket;
    counts[bucket]++;
    next = next + 1 == ring.length ? 0 : next + 1;
  }

  /** Samples that are in it. */
  public synchronized int size() {
    return size;
  }

  /**
   * The time that a share of the samples does not exceed, in nanoseconds, rounded up to the end of
   * its bucket; 0 where there is none.
   */
  public synchronized long percentile(double share) {
    long rank = (long) Math.ceil(share * size);
    long seen = 0;
    for (int bucket = 0; bucket < counts.length && rank > 0; bucket++) {
      seen += counts[bucket];
      if (seen >= rank) {
        return BUCKETS.end(bucket);
      }
    }
    return 0;
  }
}
