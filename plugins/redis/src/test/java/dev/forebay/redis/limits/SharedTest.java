package dev.forebay.redis.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.limiting.leakybucket.LeakyBucket;
import dev.forebay.limiting.limits.Limits;
import dev.forebay.limiting.quota.Quota;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.slidingwindow.SlidingWindow;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Three gateways that share limits, in virtual time, with the scripts on a real Redis. */
class SharedTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;

  private static Plugin<RateLimiter> shared(Plugin<RateLimiter> limit) {
    return Shared.of(limit, Connection.defaults());
  }

  private static Plugin<RateLimiter> window(double limit, Duration window) {
    return shared(SlidingWindow.of(Quantity.REQUESTS, limit, window));
  }

  private static Plugin<RateLimiter> bucket(double rate, int burst) {
    return shared(TokenBucket.per(Per.KEY).withRate(rate).withBurst(burst));
  }

  @Test
  void threeGatewaysTogetherStayWithinABucket() {
    Fleet fleet = new Fleet(3, bucket(100, 50));
    for (int i = 0; i < 3; i++) {
      fleet.load(i, 4 * MILLI + i * 300_000L, 8 * SECOND);
    }
    fleet.time.passSeconds(8);
    for (long length : List.of(1L, 10 * MILLI, 100 * MILLI, SECOND, 4 * SECOND)) {
      assertTrue(fleet.mostIn(length) <= 50 + 100 * length / SECOND + 1, length + " ns");
    }
    assertTrue(fleet.admitted.size() >= 0.95 * (50 + 100 * 8), fleet.admitted.size() + "");
    System.out.printf(
        "SharedTest: 3 gateways asked 750/s of a bucket of 100/s, burst 50: %d of %d admitted,"
            + " %d questions, %d waited%n",
        fleet.admitted.size(),
        fleet.admitted.size() + fleet.refused,
        fleet.questions(),
        fleet.waited);
  }

  /** What gateways have leased and not used is no part of a full bucket. */
  @Test
  void aBurstAtAllGatewaysIsThatOfOneBucket() {
    Fleet fleet = new Fleet(3, bucket(100, 100));
    for (int i = 0; i < 3; i++) {
      fleet.load(i, 40 * MILLI, 2 * SECOND);
    }
    fleet.time.passSeconds(2);
    int before = fleet.admitted.size();
    for (int i = 0; i < 300; i++) {
      fleet.ask(i % 3);
    }
    fleet.time.pass(5 * MILLI);
    int burst = fleet.admitted.size() - before;
    assertTrue(burst <= 101 && burst >= 70, burst + " at once");
  }

  @Test
  void threeGatewaysTogetherStayWithinAWindowOfAnyPhase() {
    Fleet fleet = new Fleet(3, window(600, Duration.ofSeconds(6)));
    for (int i = 0; i < 3; i++) {
      fleet.load(i, 5 * MILLI + i * 300_000L, 15 * SECOND);
    }
    fleet.time.passSeconds(15);
    assertTrue(fleet.mostIn(6 * SECOND) <= 600, fleet.mostIn(6 * SECOND) + "");
    assertTrue(fleet.admitted.size() >= 0.95 * 600 * 2.5, fleet.admitted.size() + "");
  }

  @Test
  void aCallerAloneOnOneOfThreeGatewaysReachesItsLimit() {
    for (Plugin<RateLimiter> plugin :
        List.of(bucket(100, 20), window(1_000, Duration.ofSeconds(10)))) {
      Fleet fleet = new Fleet(3, plugin);
      fleet.load(1, 8 * MILLI, 30 * SECOND);
      fleet.time.passSeconds(30);
      assertTrue(fleet.admitted.size() >= 0.95 * 3_000, plugin + ": " + fleet.admitted.size());
      System.out.printf(
          "SharedTest: a caller alone reached %.3f of its limit with %d questions, %d of %d"
              + " requests waited for one%n",
          fleet.admitted.size() / 3_000.0,
          fleet.questions(),
          fleet.waited,
          fleet.admitted.size() + fleet.refused);
    }
  }

  /** Far below its limit: nobody waits for the store, but now and then at the beginning. */
  @Test
  void steadyRequestsAreDecidedOnCreditThatIsThere() {
    Fleet fleet = new Fleet(3, bucket(1_000, 1_000));
    for (int i = 0; i < 3; i++) {
      fleet.load(i, 10 * MILLI, 15 * SECOND);
    }
    fleet.time.passSeconds(15);
    assertEquals(0, fleet.refused);
    assertTrue(fleet.waited <= 20, fleet.waited + " of 4,500 waited");
    assertTrue(fleet.questions() <= 3 * 15 * 8, fleet.questions() + " questions in 15 s");
  }

  @Test
  void aThousandRequestsAtOnceOnOneKeyAskAFewTimes() {
    Fleet fleet = new Fleet(1, bucket(1, 400));
    for (int i = 0; i < 1_000; i++) {
      fleet.ask(0);
    }
    fleet.time.pass(5 * MILLI);
    assertEquals(400, fleet.admitted.size());
    assertEquals(600, fleet.refused);
    assertTrue(fleet.questions() <= 4, fleet.questions() + " questions");
  }

  @Test
  void whatAGatewayDoesNotUseIsGivenBackToTheOthers() {
    Fleet fleet =
        new Fleet(2, shared(Quota.of(Quantity.REQUESTS, 100, Quota.Period.DAY).withPer(Per.KEY)));
    fleet.load(0, 20 * MILLI, SECOND);
    fleet.time.passSeconds(3);
    int first = fleet.admitted.size();
    for (int i = 0; i < 100; i++) {
      fleet.ask(1);
      fleet.time.pass(MILLI);
    }
    assertEquals(100, fleet.admitted.size(), first + " by the first");
  }

  @Test
  void aGatewayThatClosesGivesItsCreditBackAtOnce() {
    Fleet fleet = new Fleet(2, window(100, Duration.ofHours(1)));
    fleet.load(0, 20 * MILLI, SECOND / 2);
    fleet.time.pass(SECOND / 2);
    fleet.time.await(((Lifecycle) fleet.gateways.get(0)).close());
    for (int i = 0; i < 100; i++) {
      fleet.ask(1);
      fleet.time.pass(MILLI);
    }
    assertEquals(100, fleet.admitted.size());
  }

  @Test
  void whatWasNotUsedIsThereForTheOthersAndWhatWasUsedBeyondIsOwedByAll() {
    Amount many = new Amount(1, 900, 0);
    Fleet fleet = new Fleet(2, shared(SlidingWindow.tokensPerMinute(1_000)));
    fleet.time.await(fleet.ask(0, many));
    fleet.held.get(0).settle(fleet.request(), new Amount(1, 100, 0));
    fleet.time.passSeconds(1);
    fleet.time.await(fleet.ask(1, many));
    assertEquals(2, fleet.admitted.size());
    fleet.held.get(1).settle(fleet.request(), new Amount(1, 1_900, 0));
    fleet.time.passSeconds(1);
    fleet.time.await(fleet.ask(0, new Amount(1, 1, 0)));
    assertEquals(2, fleet.admitted.size());
  }

  @Test
  void whileTheStoreIsGoneNobodyWaitsAndTheExcessIsTheLocalShareOfEach() {
    Fleet fleet = new Fleet(3, window(1_000, Duration.ofSeconds(60)));
    for (int i = 0; i < 3; i++) {
      fleet.load(i, 10 * MILLI, 40 * SECOND);
    }
    fleet.time.passSeconds(3);
    int inTime = fleet.admitted.size();
    assertTrue(inTime > 890 && inTime <= 903, inTime + "");
    fleet.redis.gone(true);
    fleet.time.passSeconds(1); // each learns of it by its next question
    int before = fleet.waited;
    fleet.time.passSeconds(15);
    assertEquals(before, fleet.waited, "decided at once");
    assertTrue(fleet.mostIn(60 * SECOND) <= 1_000 + 3 * 200, fleet.mostIn(60 * SECOND) + "");
    assertTrue(fleet.admitted.size() >= inTime + 3 * 200, "they serve on");
  }

  @Test
  void oneThatComesBackEmptyDoesNotGiveTheLimitAgain() {
    Fleet fleet = new Fleet(3, window(1_000, Duration.ofSeconds(60)));
    for (int i = 0; i < 3; i++) {
      fleet.load(i, 5 * MILLI, 200 * SECOND);
    }
    fleet.time.passSeconds(10);
    fleet.redis.gone(true);
    fleet.time.passSeconds(2);
    fleet.redis.lose();
    fleet.redis.gone(false);
    fleet.time.passSeconds(188);
    assertTrue(fleet.mostIn(60 * SECOND) <= 1_000 + 3 * 200, fleet.mostIn(60 * SECOND) + "");
    long lately = fleet.admitted.stream().filter(each -> each[0] > 140 * SECOND).count();
    assertTrue(lately > 900, lately + " in the last minute: the limit holds again");
  }

  @Test
  void oneThatStandsStillAndGoesOnKnowsWhatWasTaken() {
    Fleet fleet = new Fleet(3, window(1_000, Duration.ofSeconds(60)));
    for (int i = 0; i < 3; i++) {
      fleet.load(i, 10 * MILLI, 100 * SECOND);
    }
    fleet.time.passSeconds(2);
    fleet.redis.paused(true);
    fleet.time.passSeconds(5);
    fleet.redis.paused(false);
    fleet.time.passSeconds(40);
    assertTrue(fleet.mostIn(60 * SECOND) <= 1_000 + 3 * 200, fleet.mostIn(60 * SECOND) + "");
    fleet.time.passSeconds(50);
    long shares = fleet.contexts.stream().mapToLong(each -> each.count("local_decisions")).sum();
    assertTrue(shares > 0, "the share was used meanwhile");
  }

  @Test
  void aLimitThatIsRaisedCountsAtOnce() {
    Fleet fleet = new Fleet(1, window(10, Duration.ofHours(1)));
    for (int i = 0; i < 30; i++) {
      fleet.ask(0);
    }
    fleet.time.pass(MILLI);
    assertEquals(10, fleet.admitted.size());
    fleet.gateways.get(0).change("sliding-window", "", 25);
    for (int i = 0; i < 30; i++) {
      fleet.ask(0);
    }
    fleet.time.pass(MILLI);
    assertEquals(25, fleet.admitted.size());
  }

  @Test
  void aPaceCannotBeShared() {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                shared(Limits.of(TokenBucket.defaults(), LeakyBucket.defaults()))
                    .create(TestContext.create()));
    assertEquals(
        "limit: leaky-bucket (expected: token-bucket, sliding-window, quota, or limits of these)",
        thrown.getMessage());
  }

  @Test
  void withoutANetworkAGatewayCountsByItself() {
    TestContext context = TestContext.create();
    RateLimiter limiter = bucket(1, 2).create(context);
    for (int i = 0; i < 3; i++) {
      assertTrue(
          limiter
              .acquire(Requests.chat("r" + i, Requests.caller(1), 0), Amount.REQUEST)
              .isComplete());
    }
    assertEquals(1, context.count("refused"));
  }
}
