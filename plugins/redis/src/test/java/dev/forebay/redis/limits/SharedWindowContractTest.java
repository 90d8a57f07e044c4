package dev.forebay.redis.limits;

import dev.forebay.limiting.slidingwindow.SlidingWindow;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RateLimiter;

/** The contract with windows of tokens. */
class SharedWindowContractTest extends SharedContract {

  @Override
  Plugin<RateLimiter> limit() {
    return SlidingWindow.tokensPerMinute(10_000).withMaxCallers(CALLERS);
  }
}
