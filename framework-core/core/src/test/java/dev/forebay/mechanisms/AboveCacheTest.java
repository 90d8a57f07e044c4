package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.caching.Cache;
import dev.forebay.core.retrying.Hedge;
import dev.forebay.core.retrying.Retry;
import dev.forebay.spi.Failure;
import dev.forebay.spi.PromptKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Hedges and retries above a cache: their clocks run from the endpoint on that a shared call
 * reached.
 */
class AboveCacheTest {

  private static final PromptKey KEY = new PromptKey(1, 2);

  private static final Hedge HEDGE =
      new Hedge(Duration.ofMillis(50), 0.95, 100, Duration.ZERO, 1, 1, false);

  private static final Retry RETRY =
      new Retry(
          3, Duration.ofMillis(50), Duration.ofMillis(10), Duration.ofMillis(10), Duration.ZERO);

  private static final Cache.Stale OLD_IF_ERROR =
      new Cache.Stale(Duration.ofMillis(100), Duration.ZERO, Duration.ofHours(1), Duration.ZERO);

  private final Scripted slow = new Scripted("a", self -> self.speaks(millis(900), 2, millis(10)));
  private final Scripted quick = new Scripted("b", self -> self.speaks(millis(10), 2, millis(10)));
  private final World world = new World(9, slow, quick);

  /** Each call of a shared call waits in the gateway, below the cache, for 100 ms. */
  private void hedging() {
    world.ledger.waitNanos = millis(100);
    world.build(
        p ->
            p.stage(HEDGE)
                .cache(world.cache())
                .rateLimit(world.limiter())
                .balance(world.balancer()));
  }

  private void retrying() {
    world.build(p -> p.stage(RETRY).cache(world.cache()).balance(world.balancer()));
  }

  private Client sendAt(long millis) {
    world.time.runUntil(millis(millis));
    return world.send(KEY);
  }

  private static void isServed(Client client, String endpoint) {
    assertTrue(client.ok(), client.reason());
    assertEquals("[0][1]", client.text());
    assertEquals(endpoint, served(client));
  }

  private static String served(Client client) {
    return client.response == null ? "" : client.response.servedBy();
  }

  @Test
  void aHedgeComesItsDelayAfterTheFlightOfItsFirstCallReachedAnEndpoint() {
    hedging();
    Client client = sendAt(0);
    world.time.runUntil(millis(149));
    assertEquals(1, slow.calls.size());
    assertEquals(0, world.counter("hedge.sent"), "it waited in the gateway for 100 ms");
    world.time.runUntil(millis(151));
    assertEquals(1, world.counter("hedge.sent"));
    world.settle();
    isServed(client, "b");
    assertEquals(1, quick.calls.size());
    assertEquals(1, world.counter("hedge.won"));
    assertEquals(millis(270), client.endedNanos, "150 + 100 ms, and two chunks");
  }

  @Test
  void aFollowerWhoJoinsAfterTheEndpointWasReachedHedgesToo() {
    hedging();
    Client leader = sendAt(0);
    Client follower = sendAt(120);
    leader.leave();
    world.time.runUntil(millis(169));
    assertEquals(1, slow.open, "the shared call goes on for the follower");
    assertEquals(0, world.counter("hedge.sent"));
    world.time.runUntil(millis(171));
    assertEquals(1, world.counter("hedge.sent"));
    world.settle();
    isServed(follower, "b");
  }

  @Test
  void theHedgesOfAllWhoShareAFlightShareOneToo() {
    hedging();
    for (int i = 0; i < 8; i++) {
      sendAt(3L * i);
    }
    world.settle();
    assertEquals(7, world.counter("hedge.sent"), "the cap on them keeps back one");
    assertEquals(7, world.clients.stream().filter(client -> served(client).equals("b")).count());
    assertEquals(1, slow.calls.size());
    assertEquals(1, quick.calls.size());
    assertEquals(0, world.counter("hedge.lost_tokens"), "what many share is lost for none alone");
  }

  @Test
  void whoIsGivenAnOldAnswerForAFlightThatFailedTeachesNoHedge() {
    Scripted failing =
        Scripted.byNumber(
            "a",
            number ->
                self ->
                    number == 1
                        ? self.speaks(millis(10), 1, 0)
                        : self.fails(
                            Failure.overloaded(502, "bad", ""),
                            number < 4 ? millis(500) : millis(1_000)));
    World stale = new World(9, failing);
    Hedge learned = new Hedge(null, 0.5, 3, Duration.ZERO, 1, 1, false);
    stale.build(p -> p.stage(learned).stage(Cache.in(stale.cache()).withStale(OLD_IF_ERROR)));
    for (int i = 0; i < 5; i++) {
      stale.send(KEY);
      stale.time.runUntil(millis(2_000L * (i + 1)));
    }
    stale.settle();
    stale.clients.forEach(client -> assertTrue(client.ok(), client.reason()));
    assertEquals(5, failing.calls.size());
    assertEquals(0, stale.counter("hedge.sent"), "only the time of the first is known");
  }

  @Test
  void aTryWithoutContentIsFollowedByOneElsewhere() {
    retrying();
    Client client = sendAt(0);
    world.settle();
    isServed(client, "b");
    assertEquals("2", client.header("x-forebay-attempts"));
    assertEquals(1, slow.calls.size());
    assertTrue(client.endedNanos <= millis(50 + 10 + 30), () -> "at " + client.endedNanos);
  }

  @Test
  void aFurtherTryDoesNotJoinTheFlightThatItLeft() {
    retrying();
    Client leader = sendAt(0);
    Client follower = sendAt(30);
    world.time.runUntil(millis(70));
    assertEquals(1, slow.open, "the shared call goes on for the follower");
    assertEquals(1, quick.calls.size());
    world.settle();
    isServed(leader, "b");
    isServed(follower, "b");
    assertEquals(1, slow.calls.size());
    assertEquals(
        1, quick.calls.size(), "the follower joins the second shared call, or finds its answer");
  }

  @Test
  void whereThereIsNoElsewhereFurtherTriesShareTheirFlights() {
    Scripted lone = new Scripted("a", self -> self.speaks(millis(900), 2, millis(10)));
    World single = new World(9, lone);
    single.build(p -> p.stage(RETRY).cache(single.cache()));
    for (int i = 0; i < 5; i++) {
      single.send(KEY);
    }
    single.settle();
    single.clients.forEach(client -> assertEquals("first_content", client.reason()));
    int calls = lone.calls.size();
    assertTrue(calls <= 6, () -> "calls: " + calls);
  }
}
