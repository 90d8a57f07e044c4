package dev.forebay.limiting.tokenbucket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Amounts;
import dev.forebay.conformance.RateLimiterContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.limiting.rate.Per;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import dev.forebay.spi.policy.RateLimiter.Standing;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TokenBucketTest implements RateLimiterContract {

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<RateLimiter> plugin() {
    return TokenBucket.defaults().withMaxCallers(5_000);
  }

  @Test
  void aBurstPassesThenOneWhenTheBucketHasItAgain() {
    RateLimiter limiter = TokenBucket.per(Per.IP).withRate(10).withBurst(5).create(context);
    for (int i = 0; i < 5; i++) {
      assertTrue(admitted(limiter, "192.0.2.1"));
    }
    Refuse refuse = assertInstanceOf(Refuse.class, ask(limiter, Caller.at("192.0.2.1")));
    assertEquals("rate_limited", refuse.reason());
    assertEquals(100_000_000, refuse.retryAfterNanos());
    context.pass(99_999_999);
    assertTrue(!admitted(limiter, "192.0.2.1"), "a nanosecond too early");
    context.pass(1);
    assertTrue(admitted(limiter, "192.0.2.1"));
    assertEquals(2, context.count("refused"));
  }

  @Test
  void aRateThatDoesNotDivideASecondDoesNotDrift() {
    RateLimiter limiter = TokenBucket.per(Per.IP).withRate(3).withBurst(1).create(context);
    int admitted = 0;
    for (int i = 0; i < 3_000_000; i++) {
      admitted += admitted(limiter, "192.0.2.1") ? 1 : 0;
      context.pass(1_000_003);
    }

    long seconds = context.timeline().nanos() / 1_000_000_000;
    assertEquals(3.0 * seconds + 1, admitted, 0.03 * seconds, "a request each 334 ms at best");
    assertTrue(admitted <= 3 * seconds + 1);
  }

  @Test
  void keysTenantsAndAddressesHaveBucketsOfTheirOwn() {
    Caller a = new Caller("192.0.2.1", "key-1", "t", "", "");
    Caller b = new Caller("192.0.2.2", "key-1", "t", "", "");
    Caller c = new Caller("192.0.2.2", "key-2", "t", "", "");

    assertEquals("admit admit refuse", asked(Per.IP, a, b, c));
    assertEquals("admit refuse admit", asked(Per.KEY, a, b, c));
    assertEquals("admit refuse refuse", asked(Per.TENANT, a, b, c));
  }

  @Test
  void withoutAKeyTheAddressDecides() {
    Caller one = Caller.at("192.0.2.1");
    Caller other = Caller.at("192.0.2.2");
    Caller liar = new Caller("192.0.2.3", "192.0.2.1", "t", "", "");

    assertEquals("admit admit refuse admit", asked(Per.KEY, one, other, one, liar));
  }

  @Test
  void addressesOfOneNetworkShareABucketUnlessToldOtherwise() {
    TokenBucket one = TokenBucket.per(Per.IP).withBurst(1);
    Caller a = Caller.at("2001:db8:1:2::1");
    Caller b = Caller.at("2001:db8:1:2::2");

    assertEquals("admit refuse", asked(one, a, b));
    assertEquals("admit admit", asked(one.withGroupIpv6(false), a, b));
  }

  @Test
  void bucketsThatAreFullAgainAreSweptAway() {
    RateLimiter limiter = TokenBucket.per(Per.IP).withRate(10).withBurst(5).create(context);
    for (int i = 0; i < 1_000; i++) {
      ask(limiter, Requests.caller(i));
      context.pass(10_000_000);
    }

    assertTrue(callers() <= 11, () -> callers() + " buckets, each full after 100 ms");
    assertEquals(0, context.count("shared"));
  }

  @Test
  void beyondTheBoundNewCallersShareBuckets() {
    RateLimiter limiter = TokenBucket.per(Per.IP).withBurst(5).withMaxCallers(2).create(context);
    for (int known = 1; known <= 2; known++) {
      for (int i = 0; i < 5; i++) {
        assertInstanceOf(Admit.class, ask(limiter, Requests.caller(known)));
      }
    }
    int admitted = 0;
    for (int i = 3; i < 30_003; i++) {
      admitted += ask(limiter, Requests.caller(i)) instanceof Admit ? 1 : 0;
    }

    assertEquals(2.0, callers());
    assertEquals(30_000, context.count("shared"));
    assertEquals(1024 * 5, admitted, "what the shared buckets hold");
    assertInstanceOf(Refuse.class, ask(limiter, Requests.caller(1)), "nobody is forgotten");
    context.passSeconds(1);
    assertInstanceOf(Admit.class, ask(limiter, Requests.caller(77_777)), "nor shut out");
  }

  @Test
  void aCallerWhoOwesForLongDoesNotKeepOthersInTheTable() {
    RateLimiter limiter =
        TokenBucket.per(Per.IP)
            .withOf(Quantity.TOKENS)
            .withRate(100)
            .withBurst(100)
            .withMaxCallers(2)
            .create(context);
    RequestInfo first = Requests.chat("r", Requests.caller(1), 0);
    Admit admit = assertInstanceOf(Admit.class, ask(limiter, first.caller()));
    admit.reservation().settle(first, new Amount(1, 1_000_000_000, 0));
    RequestInfo second = Requests.chat("r", Requests.caller(2), 0);
    assertInstanceOf(Admit.class, ask(limiter, second.caller()))
        .reservation()
        .settle(second, Amount.REQUEST);
    context.passSeconds(10_000);
    ask(limiter, Requests.caller(3));

    assertEquals(0, context.count("shared"), "the second is full again, and makes room");
    assertInstanceOf(Refuse.class, ask(limiter, first.caller()), "the first still owes");
  }

  @Test
  void tokensAreTakenAsExpectedAndSettledAsUsed() {
    RateLimiter limiter = tokens(1_000).create(context);
    RequestInfo request = Requests.chat("r");
    Admit admit =
        assertInstanceOf(Admit.class, limiter.acquire(request, new Amount(1, 600, 0)).result());
    Refuse refuse =
        assertInstanceOf(Refuse.class, limiter.acquire(request, new Amount(1, 500, 0)).result());
    assertEquals("tpm", refuse.limit());
    assertEquals(6_000_000_000L, refuse.retryAfterNanos(), "100 tokens are missing");
    admit.reservation().settle(request, new Amount(1, 100, 0));
    assertEquals(
        List.of(new Standing("tpm", Quantity.TOKENS, 1_000, 60_000_000_000L, 900, 6_000_000_000L)),
        limiter.standing(request));
  }

  @Test
  void whatWasUsedBeyondIsOwed() {
    RateLimiter limiter = tokens(1_000).create(context);
    RequestInfo request = Requests.chat("r");
    Admit admit =
        assertInstanceOf(Admit.class, limiter.acquire(request, new Amount(1, 5_000, 0)).result());
    admit.reservation().settle(request, new Amount(1, 3_000, 0));
    Refuse refuse =
        assertInstanceOf(Refuse.class, limiter.acquire(request, new Amount(1, 1, 0)).result());
    assertEquals(120_060_000_000L, refuse.retryAfterNanos(), "2,000 are owed, at 1,000 a minute");
  }

  @Test
  void concurrentRequestsThatNameTheirBoundsAreNotOneTokenOver() {
    RateLimiter limiter = tokens(100).create(context);
    int used = 0;
    int refused = 0;
    for (int i = 0; i < 663; i++) {
      RequestInfo request = Requests.chat("r" + i);
      Decision decision = limiter.acquire(request, new Amount(1, 30, 0)).result();
      if (decision instanceof Admit admit) {
        admit.reservation().settle(request, new Amount(1, 30, 0));
        used += 30;
      } else {
        refused++;
      }
    }
    assertEquals(90, used);
    assertEquals(660, refused);
  }

  @Test
  void tenantsMayHaveRatesOfTheirOwn() {
    Map<String, TokenBucket.Rate> own = Map.of("acme", new TokenBucket.Rate(1, 3));
    TokenBucket options = TokenBucket.per(Per.TENANT).withBurst(1).withOwn(own);
    Caller acme = new Caller("192.0.2.1", "k", "acme", "", "");
    Caller other = new Caller("192.0.2.1", "k", "other", "", "");

    assertEquals("admit admit admit refuse", asked(options, acme, acme, acme, acme));
    assertEquals("admit refuse", asked(options, other, other));
    assertEquals(
        "admit admit admit refuse",
        asked(options.withAndPer(List.of(Per.MODEL)), acme, acme, acme, acme));
  }

  @Test
  void modelsMayBeCountedApart() {
    RateLimiter limiter =
        TokenBucket.per(Per.TENANT).withAndPer(List.of(Per.MODEL)).withBurst(1).create(context);
    RequestInfo request = Requests.chat("r");

    assertInstanceOf(Admit.class, limiter.acquire(request, Amount.REQUEST).result());
    assertInstanceOf(
        Admit.class, limiter.acquire(request.withModel("other"), Amount.REQUEST).result());
    assertInstanceOf(Refuse.class, limiter.acquire(request, Amount.REQUEST).result());
  }

  @Test
  void aRaisedLimitHelpsWhoWaitsAtOnce() {
    RateLimiter limiter = tokens(100).create(context);
    RequestInfo request = Requests.chat("r");
    limiter.acquire(request, new Amount(1, 100, 0));
    assertInstanceOf(Refuse.class, limiter.acquire(request, new Amount(1, 50, 0)).result());

    assertTrue(!limiter.change("rpm", "default", 200), "another limit");
    assertTrue(limiter.change("tpm", "default", 200));
    assertInstanceOf(Admit.class, limiter.acquire(request, new Amount(1, 100, 0)).result());
    assertInstanceOf(Refuse.class, limiter.acquire(request, new Amount(1, 1, 0)).result());
    assertTrue(limiter.change("tpm", "default", 10));
    assertEquals(10, limiter.standing(request).get(0).quota());
  }

  @Test
  void aBucketOfTokensHoldsItsRate() {
    Plugin<RateLimiter> plugin = TokenBucket.per(Per.IP).withOf(Quantity.TOKENS);
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(context)).getMessage();

    assertEquals("burst: 5 (expected: at least the rate, 10)", message);
  }

  @Test
  void aNameThatNoHeaderTakesIsRefused() {
    Plugin<RateLimiter> plugin = TokenBucket.defaults().withName("Per Minute");
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(context)).getMessage();

    assertEquals(
        "name: Per Minute (expected: lower case, digits, words joined by hyphens, 64 characters at"
            + " most)",
        message);
  }

  @Test
  void aRateWithMoreThanThreeDecimalsIsRefused() {
    Plugin<RateLimiter> plugin = TokenBucket.per(Per.IP).withRate(0.0015);
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(context)).getMessage();

    assertEquals("rate: 0.0015 (expected: a multiple of 0.001 requests, above 0)", message);
  }

  @Property
  void overAnyTimeAtMostTheBurstAndWhatFlowsInIsAdmitted(
      @ForAll @IntRange(min = 1, max = 50_000) int thousandths,
      @ForAll @IntRange(min = 1, max = 20) int burst,
      @ForAll @Size(max = 120) List<@LongRange(min = 0, max = 3_000_000_000L) Long> pauses) {
    TestContext fresh = TestContext.create();
    double rate = thousandths / 1000.0;
    RateLimiter limiter = TokenBucket.per(Per.IP).withRate(rate).withBurst(burst).create(fresh);
    List<Long> admitted = new ArrayList<>();
    for (long pause : pauses) {
      fresh.pass(pause % 3 == 0 ? 0 : pause);
      Decision decision = limiter.acquire(Requests.chat("r"), Amounts.EXPECTED).result();
      if (decision instanceof Admit) {
        admitted.add(fresh.timeline().nanos());
      }
    }
    for (int i = 0; i < admitted.size(); i++) {
      for (int j = i; j < admitted.size(); j++) {
        long inFlow = thousandths * (admitted.get(j) - admitted.get(i)); // 10^-12 requests
        BigInteger allowed =
            BigInteger.TEN
                .pow(12)
                .multiply(BigInteger.valueOf(burst))
                .add(BigInteger.valueOf(inFlow));
        BigInteger taken = BigInteger.TEN.pow(12).multiply(BigInteger.valueOf(j - i + 1L));
        assertTrue(taken.compareTo(allowed) <= 0, admitted + " with burst " + burst);
      }
    }
  }

  private double callers() {
    return context.gauges().getOrDefault("callers", Double.NaN);
  }

  private String asked(Per per, Caller... callers) {
    return asked(TokenBucket.per(per).withBurst(1), callers);
  }

  private static String asked(TokenBucket options, Caller... callers) {
    RateLimiter limiter = options.create(TestContext.create());
    List<String> decisions = new ArrayList<>();
    for (Caller caller : callers) {
      decisions.add(ask(limiter, caller) instanceof Admit ? "admit" : "refuse");
    }
    return String.join(" ", decisions);
  }

  private static TokenBucket tokens(int perMinute) {
    return TokenBucket.per(Per.TENANT)
        .withName("tpm")
        .withOf(Quantity.TOKENS)
        .withRate(perMinute)
        .withInterval(Duration.ofMinutes(1))
        .withBurst(perMinute);
  }

  private static boolean admitted(RateLimiter limiter, String address) {
    return ask(limiter, Caller.at(address)) instanceof Admit;
  }

  private static Decision ask(RateLimiter limiter, Caller caller) {
    return limiter.acquire(Requests.chat("r", caller, 0), Amounts.EXPECTED).result();
  }
}
