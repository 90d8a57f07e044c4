package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.limiting.RateLimit;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A limiter that does not decide holds no request for longer than its bound. */
class RateLimitTest {

  private static final long MILLI = 1_000_000;

  private final List<Promise<RateLimiter.Decision>> asked = new ArrayList<>();
  private int unsettled;

  private World world(RateLimit.OnFailure onFailure) {
    Plugin<RateLimiter> silent =
        NamedPlugin.of(
            RateLimiter.class,
            "silent",
            context ->
                (request, expected) -> {
                  Promise<RateLimiter.Decision> decision = Promise.promise();
                  asked.add(decision);
                  return decision.future();
                });
    return new World(1, new Scripted("a", self -> self.streams(3, MILLI)))
        .build(
            p ->
                p.stage(
                    RateLimit.by(silent)
                        .withTimeout(Duration.ofMillis(50))
                        .withOnFailure(onFailure)));
  }

  private RateLimiter.Admit admission() {
    unsettled++;
    return new RateLimiter.Admit((request, used) -> unsettled--);
  }

  @Test
  void aRequestPassesAfterTheBound() {
    World world = world(RateLimit.OnFailure.PASS);
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertTrue(client.endedNanos >= 50 * MILLI, client.endedNanos + " ns");
    assertEquals(1, world.counter("rate-limit.timeouts"));
    assertEquals(1, world.counter("rate-limit.failed_open"));
  }

  @Test
  void orItIsRefused() {
    World world = world(RateLimit.OnFailure.REFUSE);
    Client client = world.send();
    world.time.runUntil(60 * MILLI);
    Failure why = Objects.requireNonNull(client.failure);
    assertEquals(Status.SATURATED, why.status());
    assertEquals("limiter_failed", why.reason());
    assertEquals(0, world.counter("rate-limit.failed_open"));
  }

  @Test
  void aDecisionInTimeCounts() {
    World world = world(RateLimit.OnFailure.PASS);
    Client client = world.send();
    world.policies.after(40 * MILLI, () -> asked.get(0).complete(admission()));
    world.settle();
    assertTrue(client.ok());
    assertEquals(0, unsettled);
    assertEquals(0, world.counter("rate-limit.timeouts"));
  }

  @Test
  void aDecisionThatComesTooLateIsSettled() {
    World world = world(RateLimit.OnFailure.PASS);
    Client client = world.send();
    world.policies.after(80 * MILLI, () -> asked.get(0).complete(admission()));
    world.settle();
    assertTrue(client.ok());
    assertEquals(0, unsettled);
    assertEquals(1, world.counter("rate-limit.timeouts"));
  }

  @Test
  void aFailureThatComesTooLateIsCountedOnce() {
    World world = world(RateLimit.OnFailure.PASS);
    Client client = world.send();
    world.policies.after(80 * MILLI, () -> asked.get(0).fail("gone"));
    world.settle();
    assertTrue(client.ok());
    assertEquals(1, world.counter("rate-limit.timeouts"));
    assertEquals(1, world.counter("rate-limit.failed_open"));
  }

  @Test
  void aFailureIsADecision() {
    World world = world(RateLimit.OnFailure.PASS);
    Client client = world.send();
    world.policies.after(10 * MILLI, () -> asked.get(0).fail("gone"));
    world.settle();
    assertTrue(client.ok());
    assertTrue(client.endedNanos < 50 * MILLI, client.endedNanos + " ns");
    assertEquals(1, world.counter("rate-limit.failed_open"));
  }
}
