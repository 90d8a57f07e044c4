package dev.forebay.limiting.slidingwindow;

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
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SlidingWindowTest implements RateLimiterContract {

  private static final long SECOND = 1_000_000_000;
  private static final RequestInfo REQUEST = Requests.chat("r");

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<RateLimiter> plugin() {
    return SlidingWindow.tokensPerMinute(10_000).withMaxCallers(5_000);
  }

  private static Decision ask(RateLimiter limiter, long tokens) {
    return limiter.acquire(REQUEST, new Amount(1, tokens, 0)).result();
  }

  /** Over random times, sizes and usages, with bounds that callers keep. */
  @Property(tries = 300)
  void noWindowOfAnyPhaseIsOverTheLimit(
      @ForAll @IntRange(min = 1, max = 500) int limit,
      @ForAll @Size(max = 100) List<@LongRange(min = 0, max = 30_000_000_000L) Long> steps) {
    TestContext fresh = TestContext.create();
    RateLimiter limiter = SlidingWindow.tokensPerMinute(limit).create(fresh);
    List<long[]> used = new ArrayList<>();
    for (long step : steps) {
      fresh.pass(step % 3 == 0 ? 0 : step);
      long amount = 1 + step % limit;
      if (ask(limiter, amount) instanceof Admit admit) {
        long real = amount - step % amount;
        admit.reservation().settle(REQUEST, new Amount(1, real, 0));
        used.add(new long[] {fresh.timeline().nanos(), real});
      }
    }
    for (long[] last : used) {
      long sum = 0;
      for (long[] each : used) {
        sum += each[0] > last[0] - 60 * SECOND && each[0] <= last[0] ? each[1] : 0;
      }
      assertTrue(sum <= limit, sum + " tokens in a minute (expected: at most " + limit + ")");
    }
  }

  @Property(tries = 300)
  void whoWaitsAsToldIsAdmitted(
      @ForAll @IntRange(min = 10, max = 500) int limit,
      @ForAll @Size(max = 50) List<@LongRange(min = 0, max = 20_000_000_000L) Long> steps) {
    TestContext fresh = TestContext.create();
    RateLimiter limiter = SlidingWindow.tokensPerMinute(limit).create(fresh);
    for (long step : steps) {
      fresh.pass(step);
      long amount = 1 + step % (2L * limit);
      if (ask(limiter, amount) instanceof Refuse refuse) {
        fresh.pass(refuse.retryAfterNanos());
        assertInstanceOf(Admit.class, ask(limiter, amount));
      }
    }
  }

  @Test
  void aTenantAloneReachesItsLimit() {
    RateLimiter limiter = SlidingWindow.tokensPerMinute(10_000).create(context);
    long tokens = 0;
    long hour = 3_600 * SECOND;
    while (context.timeline().nanos() < hour) {
      if (ask(limiter, 100) instanceof Refuse refuse) {
        context.pass(refuse.retryAfterNanos());
      } else {
        tokens += 100;
      }
    }
    assertTrue(tokens >= 0.95 * 600_000, tokens + " of 600,000");
    assertTrue(tokens <= 610_000, tokens + " of 600,000");
  }

  @Test
  void whatIsGivenBackLateDoesNotComeBackTwice() {
    RateLimiter limiter = SlidingWindow.tokensPerMinute(100).create(context);
    Admit admit = assertInstanceOf(Admit.class, ask(limiter, 100));
    context.passSeconds(62);
    assertInstanceOf(Admit.class, ask(limiter, 100));
    admit.reservation().settle(REQUEST, Amount.NONE);
    assertInstanceOf(Refuse.class, ask(limiter, 1));
  }

  @Test
  void whatIsUsedBeyondCountsFromWhenItIsKnown() {
    RateLimiter limiter = SlidingWindow.tokensPerMinute(100).create(context);
    Admit admit = assertInstanceOf(Admit.class, ask(limiter, 100));
    context.passSeconds(59);
    admit.reservation().settle(REQUEST, new Amount(1, 150, 0));
    context.passSeconds(4);
    assertInstanceOf(Refuse.class, ask(limiter, 51));
    assertInstanceOf(Admit.class, ask(limiter, 50));
  }

  @Test
  void aLimitSmallerThanARequestIsNoWall() {
    RateLimiter limiter = SlidingWindow.tokensPerMinute(1).create(context);
    assertInstanceOf(Admit.class, ask(limiter, 1_024));
    Refuse refuse = assertInstanceOf(Refuse.class, ask(limiter, 1_024));
    context.pass(refuse.retryAfterNanos());
    assertInstanceOf(Admit.class, ask(limiter, 1_024));
  }

  @Test
  void moneyIsCountedInBillionths() {
    RateLimiter limiter =
        SlidingWindow.of(Quantity.MONEY, 0.01, Duration.ofHours(1)).create(context);
    RequestInfo request = REQUEST;
    assertInstanceOf(Admit.class, limiter.acquire(request, new Amount(1, 1, 9_999_999)).result());
    assertInstanceOf(Refuse.class, limiter.acquire(request, new Amount(1, 1, 2)).result());
    assertEquals(10_000_000, limiter.standing(request).get(0).quota());
    assertEquals(1, limiter.standing(request).get(0).remaining());
  }
}
