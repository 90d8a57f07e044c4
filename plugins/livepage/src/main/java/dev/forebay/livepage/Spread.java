package dev.forebay.livepage;

import dev.forebay.spi.metrics.Distribution;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Sums, differences and percentiles of distributions. */
final class Spread {

  private static final double MILLIS_PER_SECOND = 1000;

  private Spread() {}

  /** Both together; the first one alone if their buckets differ. */
  static Distribution sum(Distribution one, Distribution other) {
    return one.buckets().equals(other.buckets()) ? each(one, other, Long::sum) : one;
  }

  /**
   * What a share of the figures between two moments does not exceed, in milliseconds; NaN if there
   * are none.
   */
  static double millis(@Nullable Distribution now, @Nullable Distribution before, double share) {
    if (now == null) {
      return Double.NaN;
    }
    Distribution between =
        before != null && before.buckets().equals(now.buckets())
            ? each(now, before, (a, b) -> a - b)
            : now;
    return between.quantile(share) * MILLIS_PER_SECOND;
  }

  private static Distribution each(
      Distribution one, Distribution other, LongBinaryOperator operator) {
    long[] counts = new long[one.buckets().size()];
    for (int index = 0; index < counts.length; index++) {
      counts[index] = operator.applyAsLong(one.count(index), other.count(index));
    }
    return new Distribution(one.buckets(), counts, 0);
  }
}
