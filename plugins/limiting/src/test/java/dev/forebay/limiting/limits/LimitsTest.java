package dev.forebay.limiting.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.RateLimiterContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.limiting.quota.Quota;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.slidingwindow.SlidingWindow;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Delay;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import dev.forebay.spi.policy.RateLimiter.Reservation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LimitsTest implements RateLimiterContract {

  private static final RequestInfo REQUEST = Requests.chat("r");

  private final List<Promise<Decision>> asked = new ArrayList<>();
  private int held;

  @Override
  public Plugin<RateLimiter> plugin() {
    return Limits.of(
        TokenBucket.per(Per.KEY).withBurst(50).withMaxCallers(5_000),
        SlidingWindow.tokensPerMinute(5_000).withMaxCallers(5_000),
        Quota.of(Quantity.MONEY, 1, Quota.Period.DAY).withMaxCallers(5_000));
  }

  private static Plugin<RateLimiter> limiter(RateLimiter limiter) {
    return NamedPlugin.of(RateLimiter.class, "fake", context -> limiter);
  }

  private RateLimiter create(Plugin<RateLimiter> first, Plugin<RateLimiter> second) {
    return Limits.of(first, second).create(TestContext.create());
  }

  /** One that decides later, and counts what is not settled. */
  private Plugin<RateLimiter> slow() {
    return limiter(
        (request, expected) -> {
          Promise<Decision> decision = Promise.promise();
          asked.add(decision);
          return decision.future();
        });
  }

  private Reservation reservation() {
    held++;
    return (request, used) -> held--;
  }

  @Test
  void aRefusalByTheThirdGivesBackWhatTheFirstTwoTook() {
    RateLimiter third =
        (request, expected) -> Future.succeededFuture(new Refuse("rate_limited", 7, "third"));
    RateLimiter limits =
        Limits.of(TokenBucket.per(Per.TENANT), SlidingWindow.tokensPerMinute(1_000), limiter(third))
            .create(TestContext.create());
    List<RateLimiter.Standing> before = limits.standing(REQUEST);
    for (int i = 0; i < 100; i++) {
      Decision decision = limits.acquire(REQUEST, new Amount(1, 600, 0)).result();
      assertEquals(new Refuse("rate_limited", 7, "third"), decision);
    }
    assertEquals(before, limits.standing(REQUEST));
  }

  @Test
  void theLongestWaitIsToldAndItsLimitNamed() {
    RateLimiter limits =
        create(
            TokenBucket.per(Per.TENANT).withName("rps").withBurst(1).withRate(1),
            SlidingWindow.tokensPerMinute(100).withName("tpm"));
    assertInstanceOf(Admit.class, limits.acquire(REQUEST, new Amount(1, 100, 0)).result());
    Refuse refuse =
        assertInstanceOf(Refuse.class, limits.acquire(REQUEST, new Amount(1, 100, 0)).result());
    assertEquals("tpm", refuse.limit());
    assertTrue(refuse.retryAfterNanos() > 60_000_000_000L, refuse.toString());
  }

  @Test
  void whatComesLaterIsTogetherToo() {
    RateLimiter limits = create(slow(), slow());
    Future<Decision> decision = limits.acquire(REQUEST, Amount.REQUEST);
    asked.get(0).complete(new Delay(reservation(), 30));
    assertFalse(decision.isComplete());
    asked.get(1).complete(new Delay(reservation(), 20));
    Delay delay = assertInstanceOf(Delay.class, decision.result());
    assertEquals(30, delay.waitNanos());
    delay.reservation().settle(REQUEST, Amount.REQUEST);
    assertEquals(0, held);

    decision = limits.acquire(REQUEST, Amount.REQUEST);
    asked.get(3).complete(new Refuse("rate_limited", 5, "b"));
    asked.get(2).complete(new Admit(reservation()));
    assertInstanceOf(Refuse.class, decision.result());
    assertEquals(0, held);
  }

  @Test
  void oneThatFailsIsLeftOutAndTheOthersHold() {
    TestContext context = TestContext.create();
    RateLimiter broken =
        (request, expected) -> {
          throw new IllegalStateException("gone");
        };
    RateLimiter limits =
        Limits.of(limiter(broken), TokenBucket.per(Per.TENANT).withBurst(1)).create(context);
    assertInstanceOf(Admit.class, limits.acquire(REQUEST, Amount.REQUEST).result());
    assertInstanceOf(Refuse.class, limits.acquire(REQUEST, Amount.REQUEST).result());
    assertEquals(2, context.count("failed_open"));
  }

  /** What was taken of the others is given back, whatever one of them throws. */
  @Test
  void allAreSettledIfOneThrows() {
    Reservation broken =
        (request, used) -> {
          throw new NoSuchMethodError("gone");
        };
    RateLimiter limits = create(slow(), slow());
    Future<Decision> decision = limits.acquire(REQUEST, Amount.REQUEST);
    asked.get(0).complete(new Admit(broken));
    asked.get(1).complete(new Admit(reservation()));
    Reservation all = assertInstanceOf(Admit.class, decision.result()).reservation();
    assertThrows(NoSuchMethodError.class, () -> all.settle(REQUEST, Amount.REQUEST));
    assertEquals(0, held);
  }

  @Test
  void oneThatGivesNothingIsLeftOut() {
    TestContext context = TestContext.create();
    RateLimiter limits =
        Limits.of(
                limiter((request, expected) -> Future.succeededFuture()),
                TokenBucket.per(Per.TENANT).withBurst(1))
            .create(context);
    assertInstanceOf(Admit.class, limits.acquire(REQUEST, Amount.REQUEST).result());
    assertInstanceOf(Refuse.class, limits.acquire(REQUEST, Amount.REQUEST).result());
    assertEquals(2, context.count("failed_open"));
  }

  /** Over random interleavings of questions and endings: no unit is lost, none is used twice. */
  @Property(tries = 300)
  void allOrNothingOverAnyInterleaving(
      @ForAll @IntRange(min = 1, max = 20) int requests,
      @ForAll @IntRange(min = 1, max = 2_000) int tokens,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 1_000_000) Integer> steps) {
    TestContext context = TestContext.create();
    RateLimiter limits =
        Limits.of(
                Quota.of(Quantity.REQUESTS, requests, Quota.Period.DAY).withName("rpd"),
                Quota.of(Quantity.TOKENS, tokens, Quota.Period.DAY).withName("tpd"))
            .create(context);
    List<Reservation> open = new ArrayList<>();
    List<Long> taken = new ArrayList<>();
    long usedRequests = 0;
    long usedTokens = 0;
    for (int step : steps) {
      long amount = 1L + step % tokens;
      if (step % 2 == 0) {
        long before = usedTokens + taken.stream().mapToLong(each -> each).sum();
        Decision decision = limits.acquire(REQUEST, new Amount(1, amount, 0)).result();
        boolean fits = usedRequests + open.size() < requests && before + amount <= tokens;
        assertEquals(fits, decision instanceof Admit, "admitted");
        if (decision instanceof Admit admit) {
          open.add(admit.reservation());
          taken.add(amount);
        }
      } else if (!open.isEmpty()) {
        int which = step % open.size();
        long reserved = taken.remove(which);
        Amount used =
            switch (step % 5) {
              case 1 -> Amount.NONE;
              case 3 -> Amount.REQUEST;
              default -> new Amount(1, step % 3_000, 0);
            };
        open.remove(which).settle(REQUEST, used);
        usedRequests += used.requests();
        usedTokens += used.tokens() == Amount.UNKNOWN ? reserved : used.tokens();
      }
    }
    long holds = taken.stream().mapToLong(each -> each).sum();
    assertEquals(
        List.of(
            Math.max(0, requests - usedRequests - open.size()),
            Math.max(0, tokens - usedTokens - holds)),
        limits.standing(REQUEST).stream().map(RateLimiter.Standing::remaining).toList());
  }

  @Test
  void namesDiffer() {
    Plugin<RateLimiter> twice = Limits.of(TokenBucket.defaults(), TokenBucket.defaults());
    String message =
        assertThrows(IllegalArgumentException.class, () -> twice.create(TestContext.create()))
            .getMessage();
    assertEquals(
        "each: two limits have the name token-bucket (expected: names that differ)", message);
  }
}
