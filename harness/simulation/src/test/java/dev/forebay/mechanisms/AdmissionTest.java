package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.AdmissionFilter;
import dev.forebay.spi.ConcurrencyLimiter;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestQueue;
import dev.forebay.spi.Status;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  private final Failure bad = Failure.of(Status.CALLER_FAULT, 400, "bad", "bad");

  @Test
  void aHundredThousandThatFailAtOnceDoNotGrowTheStack() {
    int[] calls = {0};
    World world =
        new World(
            1,
            new Scripted(
                "a",
                self ->
                    request ->
                        (calls[0]++ == 0 ? self.fails(bad, millis(1)) : self.fails(bad, 0))
                            .apply(request)));
    world.build(p -> p.retry(2).admit(world.capacity(), world.queue()));
    for (int i = 0; i < 100_000; i++) {
      world.send();
    }
    assertEquals(99_999, world.line.tickets.size());
    world.settle();
    assertEquals(100_000, calls[0]);
    assertEquals(100_000L, world.gateway().outcomes().get(Status.CALLER_FAULT));
    assertEquals(99_999, world.line.finished);
    assertEquals(1, world.permits.most);
  }

  @Test
  void whoWaitsTooLongIsAnsweredInTime() {
    World world = new World(1, new Scripted("a", self -> self.streams(10, millis(100))));
    world.build(
        p ->
            p.admit(
                world.capacity(),
                world.queue(),
                new AdmissionFilter.Options(Duration.ofMillis(50))));
    Client first = world.send();
    Client second = world.send();
    world.settle();
    assertTrue(first.ok());
    assertEquals("queue_timeout", second.reason());
    assertEquals(millis(50), second.endedNanos);
    Failure failure = second.failure;
    assertTrue(failure != null && failure.retryAfterNanos() >= millis(1000), "Retry-After");
    assertEquals(1, world.counter("admit.expired"));
  }

  @Test
  void whoseDeadlinePassesInTheQueueIsTimedOut() {
    World world = new World(1, new Scripted("a", self -> self.streams(10, millis(100))));
    world.build(p -> p.deadline(Duration.ofMillis(300)).admit(world.capacity(), world.queue()));
    world.send();
    Client second = world.send();
    world.settle();
    assertEquals(Status.TIMED_OUT, second.status());
    assertEquals(millis(300), second.endedNanos);
    assertEquals(1, world.backends.get(0).calls.size());
  }

  @Test
  void whoIsShedIsToldAtOnce() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    Fakes.Line line = new Fakes.Line(1);
    world.build(
        p -> p.admit(world.capacity(), Plugin.of(RequestQueue.class, "line", context -> line)));
    world.send();
    world.send();
    Client third = world.send();
    assertEquals("queue_full", third.reason());
    assertEquals(503, third.failure == null ? 0 : third.failure.httpStatus());
    world.settle();
    assertEquals(1, world.counter("admit.shed"));
  }

  @Test
  void whoLeavesTheQueueNeedsNoPermit() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    world.build(p -> p.admit(world.capacity(), world.queue()));
    world.send();
    Client second = world.send();
    Client third = world.send();
    world.time.after(millis(10), second::leave);
    world.time.runUntil(millis(10));
    assertEquals(1, world.line.tickets.size());
    world.settle();
    assertTrue(third.ok());
    assertEquals(2, world.backends.get(0).calls.size());
    assertEquals(1, world.counter("admit.left"));
  }

  @Test
  void theEarliestRecheckCounts() {
    World world = new World(1, new Scripted("a", self -> self.streams(1, 0)));
    long[] opensAt = {millis(30)};
    int[] asked = {0};
    ConcurrencyLimiter gate =
        new ConcurrencyLimiter() {
          @Override
          public Decision acquire(RequestInfo request) {
            if (world.time.nanos() >= opensAt[0]) {
              return new Admitted(outcome -> {});
            }
            return new Saturated(asked[0]++ == 0 ? millis(10_000) : millis(30));
          }

          @Override
          public int limit() {
            return 1;
          }

          @Override
          public int inFlight() {
            return 0;
          }
        };
    world.build(
        p -> p.admit(Plugin.of(ConcurrencyLimiter.class, "gate", c -> gate), world.queue()));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertEquals(millis(30), client.endedNanos);
  }
}
