package dev.forebay.limiting.leakybucket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.RateLimiterContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Delay;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LeakyBucketTest implements RateLimiterContract {

  private static final long MILLI = 1_000_000;
  private static final RequestInfo REQUEST = Requests.chat("r");

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<RateLimiter> plugin() {
    return LeakyBucket.defaults().withMaxCallers(5_000);
  }

  private static Decision ask(RateLimiter limiter) {
    return limiter.acquire(REQUEST, Amount.REQUEST).result();
  }

  @Test
  void requestsWaitForTheirTurnAndTooLongAWaitIsRefused() {
    RateLimiter limiter =
        LeakyBucket.defaults().withMaxWait(Duration.ofMillis(250)).create(context);
    assertInstanceOf(Admit.class, ask(limiter));
    // the bucket holds what leaks in a second, ten: a request leaves when it has leaked
    assertEquals(100 * MILLI, assertInstanceOf(Delay.class, ask(limiter)).waitNanos());
    assertEquals(200 * MILLI, assertInstanceOf(Delay.class, ask(limiter)).waitNanos());
    assertEquals(50 * MILLI, assertInstanceOf(Refuse.class, ask(limiter)).retryAfterNanos());
    context.pass(50 * MILLI);
    assertEquals(250 * MILLI, assertInstanceOf(Delay.class, ask(limiter)).waitNanos());
  }

  /** Whenever they come, they leave at the pace. */
  @Property(tries = 300)
  void theyLeaveAtThePace(
      @ForAll @IntRange(min = 1, max = 1_000) int rate,
      @ForAll @Size(max = 100) List<@LongRange(min = 0, max = 2_000_000_000L) Long> pauses) {
    TestContext fresh = TestContext.create();
    RateLimiter limiter = LeakyBucket.defaults().withRate(rate).create(fresh);
    List<Long> left = new ArrayList<>();
    for (long pause : pauses) {
      fresh.pass(pause % 2 == 0 ? 0 : pause);
      long now = fresh.timeline().nanos();
      Decision decision = ask(limiter);
      if (decision instanceof Delay delay) {
        assertTrue(delay.waitNanos() <= 5_000 * MILLI, delay.toString());
        left.add(now + delay.waitNanos());
      } else if (decision instanceof Admit) {
        left.add(now);
      }
    }
    Collections.sort(left);
    for (int i = 1; i < left.size(); i++) {
      long apart = left.get(i) - left.get(i - 1);
      assertTrue(apart >= 1_000_000_000L / rate - 1, apart + " ns apart at " + rate + "/s");
    }
  }

  @Test
  void whoLeavesTheLineMakesRoom() {
    RateLimiter limiter = LeakyBucket.defaults().create(context);
    ask(limiter);
    Delay second = assertInstanceOf(Delay.class, ask(limiter));
    second.reservation().settle(REQUEST, Amount.NONE);
    assertEquals(second.waitNanos(), assertInstanceOf(Delay.class, ask(limiter)).waitNanos());
  }

  @Test
  void tokensArePacedByWhatWasReallyUsed() {
    RateLimiter limiter =
        LeakyBucket.defaults()
            .withOf(Quantity.TOKENS)
            .withRate(1_000)
            .withInterval(Duration.ofSeconds(10))
            .create(context);
    Amount amount = new Amount(1, 500, 0);
    Admit first = assertInstanceOf(Admit.class, limiter.acquire(REQUEST, amount).result());
    first.reservation().settle(REQUEST, new Amount(1, 100, 0));
    Delay second = assertInstanceOf(Delay.class, limiter.acquire(REQUEST, amount).result());
    assertEquals(1_000 * MILLI, second.waitNanos(), "100 tokens at 100 a second");
  }
}
