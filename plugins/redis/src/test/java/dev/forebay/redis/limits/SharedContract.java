package dev.forebay.redis.limits;

import dev.forebay.conformance.RateLimiterContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.redis.RedisScripts;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RateLimiter;
import java.time.Duration;

/** The contract with the scripts on a real Redis, in virtual time. */
abstract class SharedContract implements RateLimiterContract {

  static final int CALLERS = 250;

  abstract Plugin<RateLimiter> limit();

  @Override
  public Plugin<RateLimiter> plugin() {
    return Shared.of(limit(), Connection.defaults()).withLease(Duration.ofMillis(100));
  }

  @Override
  public int memoryBound() {
    return CALLERS;
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(RedisScripts.Connector.class, new VirtualRedis(context.timeline()));
  }
}
