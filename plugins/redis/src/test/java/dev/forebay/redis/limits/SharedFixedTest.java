package dev.forebay.redis.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.ConcurrencyLimiterContract;
import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.redis.RedisScripts;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The contract, and gateways that share the slots of an account, on a real Redis. */
class SharedFixedTest implements ConcurrencyLimiterContract {

  private static final int LIMIT = 20;
  private static final int SHARE = 4;
  private static final long MILLI = 1_000_000;
  private static final SharedFixed PLUGIN =
      SharedFixed.of("team", LIMIT, Connection.defaults()).withExpiry(Duration.ofSeconds(8));

  @Override
  public Plugin<ConcurrencyLimiter> plugin() {
    return PLUGIN.withExpiry(Duration.ofHours(1)); // rounds of the contract take hours
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(RedisScripts.Connector.class, new VirtualRedis(context.timeline()));
  }

  @Override
  public Map<String, String> exempt() {
    String fixed = "the limit is an option";
    return Map.of("C7", fixed, "C8", fixed, "C9", fixed);
  }

  /** Gateways that come and go, with what they have under way. */
  private static final class Gateways {
    final TestContext time = TestContext.create();
    final VirtualRedis redis = new VirtualRedis(time.timeline());
    final Map<Integer, ConcurrencyLimiter> living = new LinkedHashMap<>();
    final Map<Integer, List<Permit>> underWay = new LinkedHashMap<>();
    private final SharedFixed plugin;
    private int started;

    Gateways() {
      this(PLUGIN);
    }

    Gateways(SharedFixed plugin) {
      this.plugin = plugin;
    }

    int start() {
      int number = started++;
      TestContext context =
          TestContext.of("gateway-" + number, number + 1, time.timeline())
              .lend(RedisScripts.Connector.class, redis);
      living.put(number, plugin.create(context));
      underWay.put(number, new ArrayList<>());
      return number;
    }

    List<Permit> of(int gateway) {
      return Objects.requireNonNull(underWay.get(gateway));
    }

    boolean admit(int gateway) {
      ConcurrencyLimiter limiter = Objects.requireNonNull(living.get(gateway));
      if (limiter.acquire(Requests.chat("r", Requests.caller(1), 0)) instanceof Admitted admitted) {
        of(gateway).add(admitted.permit());
        return true;
      }
      return false;
    }

    /** Asks again and again, as a queue does; how many were admitted. */
    int admitAll(int gateway, int requests) {
      int admitted = 0;
      for (int i = 0; i < 100 && admitted < requests; i++) {
        if (admit(gateway)) {
          admitted++;
        } else {
          time.pass(20 * MILLI);
        }
      }
      return admitted;
    }

    void release(int gateway) {
      List<Permit> all = of(gateway);
      if (!all.isEmpty()) {
        all.remove(all.size() - 1).release(Outcomes.ok(0, 1));
      }
    }

    /** Its streams end with it, and it says no more. */
    void crash(int gateway) {
      redis.cut(gateway);
      living.remove(gateway);
      underWay.remove(gateway);
    }

    int all() {
      return underWay.values().stream().mapToInt(List::size).sum();
    }
  }

  @Test
  void twoGatewaysHaveTheSlotsOfOneAccount() {
    Gateways gateways = new Gateways();
    int one = gateways.start();
    int two = gateways.start();
    assertEquals(12, gateways.admitAll(one, 12));
    int others = gateways.admitAll(two, LIMIT);
    assertTrue(others >= 4, others + "");
    assertEquals(LIMIT, gateways.all() + gateways.admitAll(one, LIMIT), "all are used");
    gateways.release(one);
    gateways.release(one);
    gateways.time.passSeconds(3);
    assertEquals(2, gateways.admitAll(two, 2) + gateways.admitAll(one, 2), "released ones return");
    assertEquals(LIMIT, gateways.all());
  }

  /** Requests at each gateway that are sent again when they end; what each gateway had served. */
  private static int[] serve(Gateways gateways, int[] callers, int rounds) {
    int[] served = new int[callers.length];
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < callers.length; i++) {
        if (round % 10 == i) { // requests take 100 ms
          while (!gateways.of(i).isEmpty()) {
            gateways.release(i);
            served[i]++;
          }
        }
        while (gateways.of(i).size() < callers[i] && gateways.admit(i)) {
          // until there is no slot, or no caller
        }
      }
      assertTrue(gateways.all() <= LIMIT, gateways.all() + " under way");
      gateways.time.pass(10 * MILLI);
    }
    return served;
  }

  @Test
  void slotsOfAGatewayThatWasLoadedAndIsIdleComeToOneThatWaits() {
    Gateways gateways = new Gateways(PLUGIN.withExpiry(Duration.ofSeconds(30)));
    int one = gateways.start();
    int two = gateways.start();
    serve(gateways, new int[] {2 * LIMIT, 0}, 200);
    while (!gateways.of(one).isEmpty()) {
      gateways.release(one);
    }
    int waited = 0;
    while (!gateways.admit(two)) {
      gateways.time.pass(10 * MILLI);
      waited += 10;
    }
    assertTrue(waited <= 600, waited + " ms");
    serve(gateways, new int[] {0, 2 * LIMIT}, 100);
    assertEquals(LIMIT, gateways.of(two).size(), "all of them");
  }

  @Test
  void aGatewayAloneAsksAFewTimesASecondAndAnIdleOneDoesNotAsk() {
    for (int callers : List.of(1, 5, LIMIT, 2 * LIMIT)) {
      Gateways gateways = new Gateways();
      int one = gateways.start();
      serve(gateways, new int[] {callers}, 100);
      int before = gateways.redis.runs();
      int served = serve(gateways, new int[] {callers}, 1_000)[0];
      assertTrue(served >= 95 * Math.min(callers, LIMIT), served + " served");
      int runs = gateways.redis.runs() - before;
      assertTrue(runs <= 50, runs + " questions in 10 s, " + callers + " callers");
      while (!gateways.of(one).isEmpty()) {
        gateways.release(one);
      }
      gateways.time.passSeconds(1);
      before = gateways.redis.runs();
      gateways.time.passSeconds(100);
      assertEquals(before, gateways.redis.runs(), "idle");
    }
  }

  /** The first one was loaded alone, and then needs more than its part, or less. */
  @Test
  void noGatewayStarvesWhileAnotherIsLoaded() {
    for (int first : List.of(2 * LIMIT, LIMIT - 4, 3)) {
      Gateways gateways = new Gateways(PLUGIN.withExpiry(Duration.ofSeconds(30)));
      for (int i = 0; i < 3; i++) {
        gateways.start();
      }
      serve(gateways, new int[] {first, 0, 0}, 200);
      int[] callers = {first, LIMIT, LIMIT};
      serve(gateways, callers, 200);
      int before = gateways.redis.runs();
      int[] served = serve(gateways, callers, 1_000);
      int runs = gateways.redis.runs() - before;
      int all = served[0] + served[1] + served[2];
      assertTrue(all >= 0.9 * 100 * LIMIT, all + " served");
      int part = 100 * Math.min(first, LIMIT / 3);
      assertTrue(served[0] >= 0.9 * part, served[0] + " of " + first);
      int rest = (all - served[0]) / 2;
      assertTrue(Math.abs(served[1] - rest) < 150, served[1] + " and " + served[2]);
      assertTrue(runs <= 3 * 50, runs + " questions in 10 s");
    }
  }

  @Test
  void gatewaysTakeTurnsIfThereAreFewerSlotsThanGateways() {
    Gateways gateways = new Gateways(PLUGIN.withLimit(1));
    for (int i = 0; i < 3; i++) {
      gateways.start();
    }
    serve(gateways, new int[] {5, 0, 0}, 200);
    for (int each : serve(gateways, new int[] {5, 5, 5}, 1_800)) {
      assertTrue(each >= 30, each + " of 180 requests");
    }
  }

  @Test
  void aLongStreamKeepsItsSlotAndThatOfADeadGatewayIsFree() {
    Gateways gateways = new Gateways();
    int one = gateways.start();
    int two = gateways.start();
    assertEquals(LIMIT, gateways.admitAll(one, LIMIT));
    gateways.time.passSeconds(100);
    assertEquals(0, gateways.admitAll(two, 1), "the streams live");
    gateways.crash(one);
    for (int second = 0; second < 12; second++) {
      gateways.admit(two);
      gateways.time.passSeconds(1);
    }
    assertEquals(LIMIT, gateways.all() + gateways.admitAll(two, LIMIT));
  }

  @Test
  void aServerThatStoodStillForLongTakesNoSlotFromALivingStream() {
    Gateways gateways = new Gateways();
    int one = gateways.start();
    int two = gateways.start();
    assertEquals(LIMIT, gateways.admitAll(one, LIMIT));
    gateways.time.passSeconds(5);
    gateways.redis.paused(true);
    gateways.time.passSeconds(300);
    gateways.redis.paused(false);
    int shares = gateways.admitAll(two, LIMIT);
    gateways.time.passSeconds(60);
    assertTrue(shares <= SHARE, shares + " while it was not known to be back");
    for (int i = 0; i < shares; i++) {
      gateways.release(two);
    }
    gateways.time.passSeconds(10);
    assertEquals(0, gateways.admitAll(two, 1));
  }

  @Test
  void oneThatHasLostItsDataGrantsNothingBeforeTheOthersHaveSpoken() {
    Gateways gateways = new Gateways();
    int one = gateways.start();
    int two = gateways.start();
    assertEquals(15, gateways.admitAll(one, 15));
    gateways.admitAll(two, 1);
    gateways.redis.gone(true);
    gateways.time.passSeconds(2);
    gateways.redis.lose();
    gateways.redis.gone(false);
    gateways.time.passSeconds(1);
    gateways.admitAll(two, LIMIT);
    assertTrue(gateways.all() <= LIMIT + SHARE, gateways.all() + "");
    gateways.time.passSeconds(20);
    gateways.release(one);
    gateways.time.passSeconds(5);
    gateways.admitAll(two, LIMIT);
    assertTrue(gateways.all() <= LIMIT + SHARE, gateways.all() + "");
  }

  /** A question was answered late or never, and nothing is under way any more. */
  @Test
  void slotsOfAnAnswerThatDidNotComeInTimeAreFreeSoon() {
    for (boolean lost : List.of(true, false)) {
      Gateways gateways = new Gateways();
      int one = gateways.start();
      int two = gateways.start();
      gateways.redis.deaf(lost);
      gateways.redis.paused(!lost);
      gateways.admit(one);
      gateways.time.pass(200 * MILLI);
      gateways.release(one);
      gateways.redis.deaf(false);
      gateways.redis.paused(false);
      gateways.time.passSeconds(4);
      assertEquals(LIMIT, gateways.admitAll(two, LIMIT), lost ? "lost" : "late");
    }
  }

  @Test
  void aReplyOfAnotherFormIsAFailure() {
    TestContext context =
        TestContext.create()
            .lend(
                RedisScripts.Connector.class,
                (options, plugin) ->
                    new SharedFaultsTest.Odd(
                        Future.succeededFuture(List.of(7L)), Future.succeededFuture()));
    ConcurrencyLimiter limiter = PLUGIN.create(context);
    for (int i = 0; i < 10; i++) {
      limiter.acquire(Requests.chat("r", Requests.caller(1), 0));
      context.passSeconds(1);
    }
    assertEquals(SHARE, limiter.inFlight(), "the local share");
  }

  /** Admit, release, crash, expire, in any order: no slot is used twice, and none is lost. */
  @Test
  void anyInterleavingUsesNoSlotTwiceAndLosesNone() {
    for (int seed = 1; seed <= 12; seed++) {
      SplittableRandom chance = new SplittableRandom(seed);
      Gateways gateways = new Gateways();
      for (int i = 0; i < 3; i++) {
        gateways.start();
      }
      for (int step = 0; step < 150; step++) {
        List<Integer> living = List.copyOf(gateways.living.keySet());
        int gateway = living.get(chance.nextInt(living.size()));
        int what = chance.nextInt(100);
        if (what < 55) {
          gateways.admit(gateway);
        } else if (what < 80) {
          gateways.release(gateway);
        } else if (what < 82) {
          gateways.crash(gateway);
          gateways.start();
        } else if (what < 97) {
          gateways.time.pass(chance.nextLong(50 * MILLI));
        } else {
          gateways.time.pass(chance.nextLong(6_000 * MILLI));
        }
        assertTrue(gateways.all() <= LIMIT, "seed " + seed + ", step " + step);
      }
      for (int gateway : List.copyOf(gateways.living.keySet())) {
        while (!gateways.of(gateway).isEmpty()) {
          gateways.release(gateway);
        }
      }
      gateways.time.passSeconds(12);
      int last = gateways.start();
      for (int i = 0; i < 15; i++) { // what dead ones held expires while somebody asks
        gateways.admitAll(last, 1);
        gateways.time.passSeconds(1);
      }
      gateways.admitAll(last, LIMIT - gateways.all());
      assertEquals(LIMIT, gateways.all(), "seed " + seed);
    }
  }
}
