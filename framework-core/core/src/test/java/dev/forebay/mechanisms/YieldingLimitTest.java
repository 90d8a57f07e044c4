package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.limiting.RateLimit;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Future;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A rate limit that binds only while enough is under way. */
class YieldingLimitTest {

  private static final long MILLI = 1_000_000;

  private final World world =
      new World(100, new Scripted("a", self -> self.streams(2, 100 * MILLI)));

  private World build(int passBelow, RateLimiter limiter) {
    return world.build(
        p ->
            p.stage(
                RateLimit.by(NamedPlugin.of(RateLimiter.class, "limiter", context -> limiter))
                    .withPassBelow(passBelow)));
  }

  private static RateLimiter refusing() {
    return (request, expected) ->
        Future.succeededFuture(new RateLimiter.Refuse("rate_limited", MILLI, "limiter"));
  }

  private List<Client> send(int count) {
    return Stream.generate(world::send).limit(count).toList();
  }

  @Test
  void requestsOverTheLimitPassWhileLittleIsUnderWay() {
    build(3, refusing());
    List<Client> first = send(5);
    world.settle();
    List<Client> later = send(2);
    world.settle();
    assertTrue(first.subList(0, 3).stream().allMatch(Client::ok), "there was room for three");
    assertEquals("rate_limited", first.get(3).reason());
    assertEquals("rate_limited", first.get(4).reason());
    assertTrue(later.stream().allMatch(Client::ok), "the first are over, so there is room again");
    assertEquals(5, world.counter("rate-limit.passed_over_limit"));
    assertEquals(2, world.counter("rate-limit.refused"));
  }

  @Test
  void withoutTheOptionTheLimitAlwaysBinds() {
    build(0, refusing());
    Client only = world.send();
    world.settle();
    assertEquals("rate_limited", only.reason());
    assertEquals(0, world.counter("rate-limit.passed_over_limit"));
  }

  @Test
  void requestsWithinTheLimitTakeTheRoomAndAreSettledOnce() {
    boolean[] refuses = {false};
    Fakes.Ledger ledger = world.ledger;
    build(
        2,
        (request, expected) ->
            refuses[0] ? refusing().acquire(request, expected) : ledger.acquire(request, expected));
    send(2);
    refuses[0] = true;
    Client over = world.send();
    world.settle();
    assertEquals("rate_limited", over.reason());
    assertEquals(0, ledger.unsettled);
  }

  @Test
  void nobodyWaitsForALimitThatYields() {
    world.ledger.waitNanos = 50 * MILLI;
    build(1, world.ledger);
    Client alone = world.send();
    Client second = world.send();
    world.settle();
    assertEquals(50 * MILLI, second.endedNanos - alone.endedNanos);
    assertEquals(1, world.counter("rate-limit.passed_over_limit"));
    assertEquals(1, world.counter("rate-limit.delayed"));
    assertEquals(0, world.ledger.unsettled);
  }

  @Test
  void callersThatLeaveMakeRoom() {
    build(1, refusing());
    Client first = world.send();
    world.time.runUntil(10 * MILLI);
    first.leave();
    world.time.runUntil(20 * MILLI);
    Client second = world.send();
    world.settle();
    assertTrue(second.ok());
  }
}
