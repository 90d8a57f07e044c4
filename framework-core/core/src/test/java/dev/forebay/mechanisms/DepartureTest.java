package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.retrying.Deadline;
import dev.forebay.core.retrying.Retry;
import dev.forebay.spi.Failure;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Status;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Whoever leaves, and whatever a backend does: nothing is left behind. */
class DepartureTest {

  private static final List<CacheMode> MODES = List.copyOf(EnumSet.allOf(CacheMode.class));

  @Property(tries = 300)
  void clientsMayLeaveAtAnyMoment(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    World world =
        new World(
            1 + random.nextInt(4),
            new Scripted("a", self -> any(self, random)),
            new Scripted("b", self -> any(self, random)));
    if (random.nextInt(4) == 0) {
      world.ledger.waitNanos = millis(20);
    }
    world.build(
        p ->
            p.stage(new Deadline(Duration.ofMillis(400), Duration.ofMillis(200)))
                .rateLimit(world.limiter())
                .cache(world.cache())
                .stage(
                    new Retry(
                        3,
                        Duration.ofMillis(50),
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100)))
                .admit(world.capacity(), world.queue())
                .balance(world.balancer()));
    for (int i = 0; i < 40; i++) {
      long at = random.nextLong(millis(200));
      long stays = random.nextInt(2) == 0 ? Long.MAX_VALUE : random.nextLong(millis(150));
      PromptKey key = random.nextInt(3) == 0 ? null : new PromptKey(0, random.nextInt(4));
      CacheMode mode = MODES.get(random.nextInt(MODES.size()));
      long pace = random.nextInt(3) == 0 ? millis(3) : 0;
      world.time.after(
          at,
          () -> {
            Client client = world.send(key, mode, pace);
            if (stays != Long.MAX_VALUE) {
              world.time.after(stays, client::leave);
            }
          });
    }
    world.settle();
    assertEquals(0, world.errors(), "seed " + seed);
    assertEquals(world.line.polled, world.line.finished);
    assertEquals(0, world.least.open);
    assertTrue(world.permits.most <= world.permits.limit);
  }

  private static Scripted.Act any(Scripted self, SplittableRandom random) {
    Failure overloaded = Failure.overloaded(503, "overloaded", "too much");
    Failure throttled = Failure.of(Status.THROTTLED, 429, "throttled", "").retryAfter(millis(30));
    return request ->
        (switch (random.nextInt(11)) {
              case 0 -> self.streams(10, millis(4));
              case 1 -> self.streams(10, millis(10), random.nextInt(10));
              case 2 -> self.whole(millis(10));
              case 3 -> self.fails(overloaded, random.nextInt(2) * millis(5));
              case 4 -> self.fails(throttled, 0);
              case 5 -> self.silent();
              case 6 -> self.keepsAlive(millis(10));
              case 7 -> self.unruly(number -> Promise.<dev.forebay.spi.Chunk>promise().future());
              case 8 -> self.late(random.nextLong(millis(300)));
              case 9 ->
                  self.unruly(number -> Future.succeededFuture(Scripted.chunk("x", number == 3)));
              default -> self.streams(10, 0);
            })
            .apply(request);
  }

  @Test
  void aBackendThatDiesMidStreamFailsTheRequestAndNothingElse() {
    World world = new World(1, new Scripted("a", self -> self.streams(10, millis(1), 5)));
    world.build(
        p ->
            p.rateLimit(world.limiter())
                .retry(3)
                .admit(world.capacity(), world.queue())
                .balance(world.balancer()));
    Client client = world.send();
    world.settle();
    assertEquals(Status.OVERLOADED, client.status());
    assertEquals(5, client.chunks.size());
    assertEquals(1, world.backends.get(0).calls.size(), "not tried again after content");
    assertEquals(1L, world.gateway().outcomes().get(Status.OVERLOADED));
  }

  @Test
  void aResponseThatComesAfterTheCallerLeftIsCancelled() {
    World world = new World(1, new Scripted("a", self -> self.late(millis(50))));
    world.build(p -> p.retry(2).admit(world.capacity(), world.queue()));
    Client client = world.send();
    world.time.after(millis(10), client::leave);
    world.time.runUntil(millis(20));
    assertEquals(0, world.permits.out, "given back at the departure, not at the response");
    world.settle();
    assertEquals(Status.CANCELLED, client.status());
  }

  @Test
  void aDepartureMidStreamStopsTheBackend() {
    World world = new World(1, new Scripted("a", self -> self.streams(100, millis(1))));
    world.build(p -> p.deadline(Duration.ofSeconds(1)).admit(world.capacity(), world.queue()));
    Client client = world.send();
    world.time.after(millis(10), client::leave);
    world.time.runUntil(millis(10));
    assertEquals(0, world.backends.get(0).open);
    assertEquals(0, world.permits.out);
    world.settle();
    assertEquals(1L, world.gateway().outcomes().get(Status.CANCELLED));
  }
}
