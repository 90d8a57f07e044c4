package dev.forebay.core.metrics;

import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.metrics.Histogram;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** A histogram: a count for each bucket, and the sum. */
final class BucketCounts implements Histogram {

  private final Buckets buckets;
  private final AtomicLongArray counts;
  private final LongAdder sum = new LongAdder();

  BucketCounts(Buckets buckets) {
    this.buckets = buckets;
    this.counts = new AtomicLongArray(buckets.size());
  }

  @Override
  public void record(long value) {
    long figure = Math.max(0, value);
    counts.getAndIncrement(buckets.index(figure));
    sum.add(figure);
  }

  Distribution now() {
    long[] copy = new long[counts.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = counts.get(i);
    }
    return new Distribution(buckets, copy, sum.sum());
  }
}
