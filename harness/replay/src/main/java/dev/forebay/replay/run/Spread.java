package dev.forebay.replay.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How durations are spread: counts of buckets, 20 for each power of ten of milliseconds, from 1 ms
 * to 1000 s. Counts of several runs can be added up, which percentiles cannot.
 *
 * @param counts by the number of a bucket, 0 to {@link #LAST}; buckets without a duration are left
 *     out
 */
public record Spread(SortedMap<Integer, Long> counts) {

  /** Buckets of a power of ten. */
  private static final int PER_DECADE = 20;

  /** The bucket of all durations of 1000 s and more. */
  static final int LAST = 6 * PER_DECADE;

  /** Without a duration. */
  static final Spread NONE = new Spread(Collections.emptySortedMap());

  /**
   * The share of all requests that were over by some time.
   *
   * @param millis the upper end of a bucket
   * @param share of all requests, 0 to 1
   */
  public record Point(double millis, double share) {}

  /** Copies. */
  public Spread {
    counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
  }

  /** The bucket of a duration: its upper end is the first that is not below the duration. */
  static int bucket(double millis) {
    // A duration that is an upper end itself must not be pushed over it by rounding.
    double place = Math.log10(Math.max(1, millis)) * PER_DECADE - 1e-9;
    return Math.clamp((long) Math.ceil(place), 0, LAST);
  }

  /** The upper end of a bucket, in milliseconds. */
  static double upperMillis(int bucket) {
    return Math.pow(10, (double) bucket / PER_DECADE);
  }

  /** Its durations and those of another together. */
  public Spread plus(Spread other) {
    SortedMap<Integer, Long> sums = new TreeMap<>(counts);
    other.counts.forEach((bucket, count) -> sums.merge(bucket, count, Long::sum));
    return new Spread(sums);
  }

  /**
   * How many requests were over by when.
   *
   * @param requests all that were offered, at least as many as there are durations
   * @return in the order of time; the last has the share of those that ended at all
   */
  public List<Point> within(long requests) {
    List<Point> points = new ArrayList<>();
    long sum = 0;
    for (var bucket : counts.entrySet()) {
      if (points.isEmpty()) {
        points.add(new Point(upperMillis(Math.max(0, bucket.getKey() - 1)), 0));
      }
      sum += bucket.getValue();
      points.add(new Point(upperMillis(bucket.getKey()), (double) sum / requests));
    }
    return points;
  }
}
