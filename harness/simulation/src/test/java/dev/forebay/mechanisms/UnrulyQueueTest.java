package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever a queue does, each request has one ending, and the gateway goes on. */
class UnrulyQueueTest {

  private final World world =
      new World(1, new Scripted("a", self -> self.streams(2, millis(1_000))));

  private World world(RequestQueue queue) {
    return world.build(
        p ->
            p.admit(
                world.capacity(), NamedPlugin.of(RequestQueue.class, "unruly", context -> queue)));
  }

  /** First come, first served. */
  private static class Line implements RequestQueue {
    final ArrayDeque<Ticket> tickets = new ArrayDeque<>();

    @Override
    public @Nullable Ticket offer(Ticket ticket) {
      tickets.add(ticket);
      return null;
    }

    @Override
    public @Nullable Ticket poll(Predicate<Ticket> admits) {
      Ticket head = tickets.peek();
      return head != null && admits.test(head) ? tickets.poll() : null;
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
  void oneThatGivesTheSameTicketForEverDoesNotHoldTheGateway() {
    world(
        new Line() {
          @Override
          public @Nullable Ticket poll(Predicate<Ticket> admits) {
            Ticket head = tickets.peek();
            return head != null && admits.test(head) ? head : null;
          }
        });
    for (int i = 0; i < 4; i++) {
      world.send();
    }
    assertTimeoutPreemptively(Duration.ofSeconds(20), world::settle);
    assertTrue(world.clients.get(0).ok());
    assertTrue(world.clients.get(1).ok(), "given for the first time");
    assertEquals(Status.INTERNAL, world.clients.get(2).status());
    assertEquals(Status.INTERNAL, world.clients.get(3).status());
    assertTrue(world.errors() > 0, "counted");
    assertEquals(2, world.backends.get(0).calls.size());
  }

  @Test
  void oneThatThrowsWhenItHasAddedATicketDoesNotKeepIt() {
    Line line =
        new Line() {
          @Override
          public @Nullable Ticket offer(Ticket ticket) {
            super.offer(ticket);
            if (ticket.request().id().equals("r1")) {
              throw new IllegalStateException("added");
            }
            return null;
          }
        };
    world(line);
    for (int i = 0; i < 3; i++) {
      world.send();
    }
    assertEquals(Status.INTERNAL, world.clients.get(1).status());
    assertEquals(1, line.size(), "the one that waits");
    world.settle();
    assertTrue(world.clients.get(2).ok());
    assertEquals(2, world.backends.get(0).calls.size());
  }

  @Test
  void aCallThatEndedBeforeItCameLeavesNoTimer() {
    world(new Line());
    world.send();
    int pending = world.time.pending();
    InferenceRequest request = Fakes.request(world.time, "left");
    request.call().end();
    world.clients.add(Client.send(world.gateway(), request));
    assertEquals(Status.CANCELLED, world.clients.get(1).status());
    assertEquals(pending, world.time.pending(), "timers");
    world.settle();
  }
}
