package dev.forebay.redis.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Amounts;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.limiting.quota.Quota;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.slidingwindow.SlidingWindow;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.redis.RedisScript;
import dev.forebay.redis.RedisScripts;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Questions and answers that are late or lost, in virtual time, with the scripts on a real Redis.
 */
class SharedFaultsTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final int LIMIT = 100;

  /** The same limit, counted in three ways; the bucket fills a unit in a thousand seconds. */
  enum Counted {
    QUOTA,
    WINDOW,
    BUCKET;

    Plugin<RateLimiter> limit() {
      return switch (this) {
        case QUOTA -> Quota.of(Quantity.REQUESTS, LIMIT, Quota.Period.DAY).withPer(Per.KEY);
        case WINDOW ->
            SlidingWindow.of(Quantity.REQUESTS, LIMIT, Duration.ofHours(1)).withPer(Per.KEY);
        case BUCKET -> TokenBucket.per(Per.KEY).withRate(0.001).withBurst(LIMIT);
      };
    }
  }

  private static Fleet fleet(Counted counted) {
    return new Fleet(2, Shared.of(counted.limit(), Connection.defaults()));
  }

  /** What the second gateway is admitted: all that the first has not used. */
  private static int second(Fleet fleet) {
    int before = fleet.admitted.size();
    for (int i = 0; i < LIMIT + 10; i++) {
      fleet.ask(1);
      fleet.time.pass(2 * MILLI);
    }
    return fleet.admitted.size() - before;
  }

  @ParameterizedTest
  @EnumSource
  void whatAnAnswerGrantedThatCameLateIsGivenBack(Counted counted) {
    Fleet fleet = fleet(counted);
    fleet.redis.paused(true);
    fleet.ask(0);
    fleet.time.pass(200 * MILLI);
    assertEquals(1, fleet.admitted.size(), "by its local share");
    fleet.redis.paused(false);
    fleet.time.passSeconds(4);
    assertEquals(LIMIT, second(fleet));
  }

  @ParameterizedTest
  @EnumSource
  void whatAnAnswerGrantedThatWasLostIsGivenBack(Counted counted) {
    Fleet fleet = fleet(counted);
    fleet.redis.deaf(true);
    fleet.ask(0);
    fleet.time.pass(200 * MILLI);
    assertEquals(1, fleet.admitted.size(), "by its local share");
    fleet.redis.deaf(false);
    fleet.time.passSeconds(4);
    assertEquals(LIMIT, second(fleet));
  }

  @ParameterizedTest
  @EnumSource
  void aQuestionThatComesAfterANewerOneIsIgnored(Counted counted) {
    Fleet fleet = fleet(counted);
    fleet.redis.holdNext();
    fleet.ask(0);
    fleet.time.passSeconds(4); // it has told the store by a newer question
    fleet.redis.paused(false);
    fleet.time.passSeconds(4);
    assertEquals(LIMIT, second(fleet));
  }

  @Test
  void whatIsGivenBackWhileTheStoreIsAwayIsToldAfterwards() {
    Fleet fleet = fleet(Counted.QUOTA);
    for (int i = 0; i < LIMIT; i++) {
      fleet.ask(0);
    }
    fleet.time.pass(5 * MILLI);
    assertEquals(LIMIT, fleet.admitted.size());
    fleet.redis.gone(true);
    fleet.held.forEach(held -> held.settle(fleet.request(), new Amount(0, 0, 0)));
    fleet.time.passSeconds(30);
    fleet.redis.gone(false);
    fleet.time.passSeconds(4);
    assertEquals(LIMIT, second(fleet));
  }

  @Test
  void aGatewayThatWasRefusedAsksAgainWithinASecond() {
    Fleet fleet = fleet(Counted.WINDOW);
    for (int i = 0; i < LIMIT; i++) {
      fleet.ask(0);
    }
    fleet.time.pass(5 * MILLI);
    fleet.ask(1);
    fleet.time.pass(5 * MILLI);
    assertEquals(1, fleet.refused);
    fleet.held.forEach(held -> held.settle(fleet.request(), new Amount(0, 0, 0)));
    fleet.time.pass(1_100 * MILLI);
    fleet.ask(1);
    fleet.time.pass(5 * MILLI);
    assertEquals(LIMIT + 1, fleet.admitted.size(), "not only after the hour");
  }

  @Test
  void aBucketIsLoweredAndRaisedWhileItRuns() {
    Fleet fleet =
        new Fleet(
            2,
            Shared.of(
                TokenBucket.per(Per.KEY).withRate(100).withBurst(100), Connection.defaults()));
    fleet.load(0, 5 * MILLI, 30 * SECOND);
    fleet.load(1, 5 * MILLI, 30 * SECOND);
    fleet.time.passSeconds(5);
    change(fleet, 10);
    fleet.time.passSeconds(2); // what was leased is used
    assertRate(fleet, 10);
    change(fleet, 100);
    fleet.time.passSeconds(2);
    assertRate(fleet, 100);
    change(fleet, 10);
    fleet.time.passSeconds(2);
    assertRate(fleet, 10);
  }

  @Test
  void aBucketThatIsFullAndIsLoweredHoldsNoMoreThanItMay() {
    Fleet fleet =
        new Fleet(
            1,
            Shared.of(
                TokenBucket.per(Per.KEY).withRate(100).withBurst(100), Connection.defaults()));
    fleet.ask(0);
    fleet.time.passSeconds(5);
    change(fleet, 10);
    for (int i = 0; i < 50; i++) {
      fleet.ask(0);
    }
    fleet.time.pass(5 * MILLI);
    assertEquals(11, fleet.admitted.size(), "the one before, and the burst of now");
  }

  private static void change(Fleet fleet, double rate) {
    fleet.gateways.forEach(gateway -> assertTrue(gateway.change("token-bucket", "", rate)));
  }

  private static void assertRate(Fleet fleet, int rate) {
    int before = fleet.admitted.size();
    fleet.time.passSeconds(4);
    int came = fleet.admitted.size() - before;
    assertTrue(came >= 4 * rate * 0.8 && came <= 4 * rate * 1.3, came + " in 4 s of " + rate);
  }

  /** A store that answers as it is told to. */
  record Odd(Future<List<Long>> reply, Future<Void> closing) implements RedisScripts {

    @Override
    public Future<List<Long>> run(RedisScript script, String key, List<String> arguments) {
      return reply;
    }

    @Override
    public Future<Void> ping(String server) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> close() {
      return closing;
    }
  }

  private static TestContext odd(Future<List<Long>> reply, Future<Void> closing) {
    return TestContext.create()
        .lend(RedisScripts.Connector.class, (options, context) -> new Odd(reply, closing));
  }

  @Test
  void aReplyOfAnotherFormIsAFailureAndNobodyWaitsForIt() {
    TestContext context = odd(Future.succeededFuture(List.of(1L, 2L)), Future.succeededFuture());
    RateLimiter limiter = Shared.of(Counted.QUOTA.limit(), Connection.defaults()).create(context);
    Future<Decision> asked =
        limiter.acquire(Requests.chat("r", Requests.caller(1), 0), Amounts.EXPECTED);
    context.passSeconds(1);
    assertTrue(asked.succeeded(), "decided by the local share");
    assertTrue(context.count("local_decisions") > 0);
  }

  @Test
  void connectionsThatDoNotCloseHoldNobodyUp() {
    Consumer<Plugin<?>> closes =
        plugin -> {
          TestContext context =
              odd(Future.succeededFuture(List.of()), Promise.<Void>promise().future());
          Future<Void> closed = ((Lifecycle) plugin.create(context)).close();
          context.passSeconds(10);
          assertTrue(closed.isComplete(), plugin.toString());
        };
    closes.accept(Shared.of(Counted.QUOTA.limit(), Connection.defaults()));
    closes.accept(SharedFixed.of("team", 5, Connection.defaults()));
  }
}
