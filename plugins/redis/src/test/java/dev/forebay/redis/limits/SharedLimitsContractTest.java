package dev.forebay.redis.limits;

import dev.forebay.limiting.limits.Limits;
import dev.forebay.limiting.quota.Quota;
import dev.forebay.limiting.slidingwindow.SlidingWindow;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Quantity;

/** The contract with a window of tokens and a quota of money that hold together. */
class SharedLimitsContractTest extends SharedContract {

  @Override
  Plugin<RateLimiter> limit() {
    return Limits.of(
        SlidingWindow.tokensPerMinute(10_000).withMaxCallers(CALLERS),
        Quota.of(Quantity.MONEY, 0.1, Quota.Period.DAY).withMaxCallers(CALLERS));
  }
}
