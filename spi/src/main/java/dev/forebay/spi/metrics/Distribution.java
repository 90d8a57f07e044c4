package dev.forebay.spi.metrics;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a histogram held at one moment. A value. */
public final class Distribution {

  private final Buckets buckets;
  private final long[] counts;
  private final long sum;

  /**
   * A distribution.
   *
   * @param counts figures in each bucket
   * @param sum of all figures, as recorded
   * @throws IllegalArgumentException if there are more or fewer counts than buckets
   */
  public Distribution(Buckets buckets, long[] counts, long sum) {
    if (counts.length != buckets.size()) {
      throw new IllegalArgumentException(
          "counts: " + counts.length + " (expected: " + buckets.size() + ")");
    }
    this.buckets = buckets;
    this.counts = counts.clone();
    this.sum = sum;
  }

  /** The buckets. */
  public Buckets buckets() {
    return buckets;
  }

  /** Figures in a bucket. */
  public long count(int index) {
    return counts[index];
  }

  /** Figures in all buckets. */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  /** The sum of all figures, in the unit of the buckets. */
  public double sum() {
    return buckets.told(sum);
  }

  /**
   * This one and another of the same buckets together, such as that of another gateway.
   *
   * @throws IllegalArgumentException if the other has other buckets
   */
  public Distribution plus(Distribution other) {
    if (!buckets.equals(other.buckets)) {
      throw new IllegalArgumentException(
          "buckets: " + other.buckets + " (expected: " + buckets + ")");
    }
    long[] both = counts.clone();
    Arrays.setAll(both, index -> counts[index] + other.counts[index]);
    return new Distribution(buckets, both, sum + other.sum);
  }

  /**
   * What a share of the figures does not exceed, in the unit of the buckets: the end of its bucket,
   * so at most 6.25 % too high within their range (3.2 % in {@link Buckets#FINE_SECONDS}); NaN if
   * there are no figures.
   *
   * @param share 0 to 1
   */
  public double quantile(double share) {
    long rank = Math.max(1, (long) Math.ceil(share * count()));
    long seen = 0;
    for (int index = 0; index < counts.length; index++) {
      seen += counts[index];
      if (seen >= rank) {
        return buckets.told(buckets.end(index));
      }
    }
    return Double.NaN;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Distribution that
        && buckets.equals(that.buckets)
        && sum == that.sum
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts) * 31 + Long.hashCode(sum);
  }

  @Override
  public String toString() {
    return count() + " of " + sum() + " " + buckets.unit();
  }
}
