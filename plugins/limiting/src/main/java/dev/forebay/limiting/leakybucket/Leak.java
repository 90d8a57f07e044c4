package dev.forebay.limiting.leakybucket;

import dev.forebay.limiting.rate.Bucket;
import dev.forebay.limiting.rate.BucketSize;

/**
 * A bucket that the next request leaves when all that went before has leaked: a token bucket that
 * must be full, and that a request may take into debt.
 */
final class Leak extends Bucket {

  Leak(BucketSize size, long now) {
    super(size, now);
  }

  @Override
  public long waitFor(long amount, long now) {
    return super.waitFor(most(), now);
  }
}
