package dev.forebay.limiting.tokenbucket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.RateLimiterContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.limiting.tokenbucket.TokenBucket.Per;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2::1, 20010db800010002::/64",
    "2001:DB8:1:2:ffff:0:0:9, 20010db800010002::/64",
    "fe80::1%eth0, fe80000000000000::/64",
    "::1, 0000000000000000::/64",
    "::ffff:192.0.2.1, 192.0.2.1",
    "192.0.2.1, 192.0.2.1",
    "not an address:, not an address:",
    ":::, :::",
  })
  void ipv6AddressesAreGroupedByNetwork(String address, String network) {
    assertEquals(network, Ipv6.network(address));
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
    assertEquals(0, context.count("forgiven"));
  }

  @Test
  void beyondTheBoundWhoAskedLeastRecentlyIsForgiven() {
    RateLimiter limiter = TokenBucket.per(Per.IP).withBurst(1).withMaxCallers(2).create(context);
    ask(limiter, Requests.caller(1));
    ask(limiter, Requests.caller(2));
    ask(limiter, Requests.caller(1));
    ask(limiter, Requests.caller(3));

    assertEquals(2.0, callers());
    assertEquals(1, context.count("forgiven"));
    assertInstanceOf(Refuse.class, ask(limiter, Requests.caller(1)), "who keeps asking stays");
    assertInstanceOf(Admit.class, ask(limiter, Requests.caller(2)));
  }

  @Test
  void aRateWithMoreThanThreeDecimalsIsRefused() {
    Plugin<RateLimiter> plugin = TokenBucket.per(Per.IP).withRate(0.0015);
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(context)).getMessage();

    assertEquals("rate: 0.0015 (expected: a multiple of 0.001 requests/s, above 0)", message);
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
      Decision decision = limiter.acquire(Requests.chat("r")).result();
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

  @Property
  void whoWaitsAsToldIsAdmittedAndANanosecondEarlierIsNot(
      @ForAll @IntRange(min = 1, max = 1_000_000_000) int thousandths,
      @ForAll @IntRange(min = 1, max = 5) int burst,
      @ForAll @LongRange(min = 0, max = 10_000_000_000L) long pause) {
    BucketSize size = BucketSize.of(thousandths / 1000.0, burst);
    Bucket bucket = new Bucket(size, 0);
    for (int i = 0; i < burst; i++) {
      assertEquals(0, bucket.take(0));
    }
    long now = Math.min(pause, size.nanosFor(BucketSize.REQUEST) - 1);
    long wait = bucket.take(now);
    assertTrue(wait > 0);
    assertTrue(wait == 1 || bucket.take(now + wait - 1) == 1);
    assertEquals(0, bucket.take(now + wait));
  }

  @Test
  void aHundredYearsOfIdlenessDoNotOverflow() {
    Bucket bucket = new Bucket(BucketSize.of(1_000_000, 1_000_000), 0);
    bucket.take(0);

    assertEquals(0, bucket.take(100L * 365 * 86_400 * 1_000_000_000));
    assertTrue(bucket.full(Long.MAX_VALUE));
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

  private static boolean admitted(RateLimiter limiter, String address) {
    return ask(limiter, Caller.at(address)) instanceof Admit;
  }

  private static Decision ask(RateLimiter limiter, Caller caller) {
    return limiter.acquire(Requests.chat("r", caller, 0)).result();
  }
}
