package dev.forebay.redis.limits;

import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RateLimiter;

/** The contract with buckets of requests. */
class SharedBucketContractTest extends SharedContract {

  @Override
  Plugin<RateLimiter> limit() {
    return TokenBucket.per(Per.IP).withMaxCallers(CALLERS);
  }
}
