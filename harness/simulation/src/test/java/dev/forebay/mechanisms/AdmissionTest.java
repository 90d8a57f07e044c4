package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.limiting.Admit;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
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
        p -> p.stage(Admit.by(world.capacity(), world.queue()).withMaxWait(Duration.ofMillis(50))));
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
        p ->
            p.admit(world.capacity(), NamedPlugin.of(RequestQueue.class, "line", context -> line)));
    world.send();
    world.send();
    Client third = world.send();
    assertEquals("queue_full", third.reason());
    assertEquals(503, third.failure == null ? 0 : third.failure.httpStatus());
    world.settle();
    assertEquals(1, world.counter("admit.shed"));
  }

  /** More urgent requests take the whole capacity: to try again would be in vain. */
  @Test
  void aClassThatIsOvertakenForAsLongAsItMayWaitIsToldSo() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    overload(world, NamedPlugin.of(RequestQueue.class, "urgent", context -> new Urgent()));
    List<Client> standard =
        world.clients.stream()
            .filter(client -> client.request.info().priority() == RequestInfo.STANDARD)
            .toList();
    List<Client> refused = standard.stream().filter(client -> !client.ok()).toList();
    assertTrue(refused.size() > 10, () -> refused.size() + " refused");
    for (Client client : refused) {
      assertEquals("outranked", client.reason());
      assertEquals(millis(60_000), client.failure == null ? 0 : client.failure.retryAfterNanos());
    }
    assertTrue(standard.getLast().ok(), "the last ones are served when the others are over");
    world.clients.stream()
        .filter(client -> client.request.info().priority() == RequestInfo.VIP && !client.ok())
        .forEach(client -> assertEquals("queue_timeout", client.reason()));
  }

  @Test
  void inAQueueThatIsFirstComeFirstServedNoClassIsOvertaken() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    overload(world, world.queue());
    assertTrue(world.counter("admit.expired") > 0);
    world.clients.stream()
        .filter(client -> !client.ok())
        .forEach(client -> assertEquals("queue_timeout", client.reason()));
  }

  /** Urgent requests at twice the capacity for 5 s, and others at a quarter of it. */
  private static void overload(World world, Plugin<RequestQueue> queue) {
    world.build(p -> p.stage(Admit.by(world.capacity(), queue).withMaxWait(Duration.ofSeconds(1))));
    for (int i = 0; i < 100; i++) {
      int priority = i % 8 == 5 ? RequestInfo.STANDARD : RequestInfo.VIP;
      world.time.after(millis(50L * i), () -> send(world, priority));
    }
    world.time.after(millis(5_500), () -> send(world, RequestInfo.STANDARD));
    world.settle();
  }

  private static void send(World world, int priority) {
    InferenceRequest plain =
        Fakes.request(world.time, "r" + world.clients.size(), null, CacheMode.DEFAULT);
    world.clients.add(
        Client.send(world.gateway(), plain.with(plain.info().withPriority(priority))));
  }

  /** The most urgent class first. */
  private static final class Urgent implements RequestQueue {
    private final List<Ticket> tickets = new ArrayList<>();

    @Override
    public @Nullable Ticket offer(Ticket ticket) {
      tickets.add(ticket);
      tickets.sort(Comparator.comparingInt(each -> each.request().priority())); // stable
      return null;
    }

    @Override
    public @Nullable Ticket poll(Predicate<Ticket> admits) {
      return tickets.isEmpty() || !admits.test(tickets.get(0)) ? null : tickets.remove(0);
    }

    @Override
    public boolean remove(Ticket ticket) {
      return tickets.remove(ticket);
    }

    @Override
    public int size() {
      return tickets.size();
    }
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
        p -> p.admit(NamedPlugin.of(ConcurrencyLimiter.class, "gate", c -> gate), world.queue()));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertEquals(millis(30), client.endedNanos);
  }
}
