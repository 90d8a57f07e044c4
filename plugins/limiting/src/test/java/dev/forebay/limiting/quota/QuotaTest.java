package dev.forebay.limiting.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.forebay.conformance.RateLimiterContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.limiting.quota.Quota.Period;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import dev.forebay.timeline.VirtualTimeline;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaTest implements RateLimiterContract {

  private static final long SECOND = 1_000_000_000;
  private static final RequestInfo REQUEST = Requests.chat("r");

  @Override
  public Plugin<RateLimiter> plugin() {
    return Quota.of(Quantity.REQUESTS, 100, Period.DAY).withMaxCallers(5_000);
  }

  private static TestContext at(String time) {
    return TestContext.of("quota", 1, new VirtualTimeline(Instant.parse(time).toEpochMilli()));
  }

  private static Decision ask(RateLimiter limiter) {
    return limiter.acquire(REQUEST, new Amount(1, 100, 1_000_000)).result();
  }

  @ParameterizedTest
  @CsvSource({
    "HOUR, 2026-11-29T10:59:00Z, 60",
    "DAY, 2026-11-29T10:59:00Z, 46860",
    "MONTH, 2026-11-29T00:00:00Z, 172800",
    "MONTH, 2028-02-28T00:00:00Z, 172800",
    "MONTH, 2026-12-31T23:59:59Z, 1",
  })
  void aPeriodEndsWithTheCalendar(Period period, String now, long secondsLeft) {
    TestContext context = at(now);
    RateLimiter limiter = Quota.of(Quantity.REQUESTS, 1, period).create(context);
    assertInstanceOf(Admit.class, ask(limiter));
    Refuse refuse = assertInstanceOf(Refuse.class, ask(limiter));
    assertEquals(secondsLeft * SECOND, refuse.retryAfterNanos());
    context.pass(refuse.retryAfterNanos() - 1_000_000);
    assertInstanceOf(Refuse.class, ask(limiter));
    context.pass(1_000_000);
    assertInstanceOf(Admit.class, ask(limiter));
  }

  @Test
  void moneyPerMonth() {
    TestContext context = at("2026-11-29T10:59:00Z");
    RateLimiter limiter = Quota.of(Quantity.MONEY, 0.0015, Period.MONTH).create(context);
    Admit first = assertInstanceOf(Admit.class, ask(limiter));
    assertInstanceOf(Refuse.class, ask(limiter), "0.1 cents each, 0.15 in the month");
    first.reservation().settle(REQUEST, new Amount(1, 100, 400_000));
    assertInstanceOf(Admit.class, ask(limiter));
  }

  @Test
  void aHoldDoesNotLeakIntoTheNextPeriod() {
    TestContext context = at("2026-11-29T23:59:59Z");
    RateLimiter limiter = Quota.of(Quantity.TOKENS, 200, Period.DAY).create(context);
    Admit late = assertInstanceOf(Admit.class, ask(limiter));
    context.passSeconds(2);
    assertInstanceOf(Admit.class, ask(limiter));
    late.reservation().settle(REQUEST, Amount.NONE);
    assertEquals(100, limiter.standing(REQUEST).get(0).remaining());
    assertInstanceOf(Admit.class, ask(limiter));
    assertInstanceOf(Refuse.class, ask(limiter));
  }
}
