package dev.forebay.redis.limits;

import dev.forebay.limiting.limits.Limits;
import dev.forebay.limiting.quota.Quota;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Quantity;

/** The contract with a bucket of requests and a quota of money that hold together. */
class SharedLimitsContractTest extends SharedContract {

  @Override
  Plugin<RateLimiter> limit() {
    return Limits.of(
        TokenBucket.per(Per.KEY).withRate(100).withBurst(50).withMaxCallers(CALLERS),
        Quota.of(Quantity.MONEY, 0.1, Quota.Period.DAY).withMaxCallers(CALLERS));
  }
}
