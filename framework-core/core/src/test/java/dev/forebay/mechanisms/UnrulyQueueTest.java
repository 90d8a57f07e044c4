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
import java.util.List;
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
    world.clients.forEach(client -> assertTrue(client.ok(), client.reason()));
    assertEquals(List.of("r0", "r1", "r2", "r3"), asked(), "in the order in which they came");
    assertTrue(world.errors() > 0, "counted");
    String said = String.valueOf(world.gateway().pluginError());
    assertTrue(said.contains("queue gave a ticket that does not wait"), said);
  }

  private List<String> asked() {
    return world.backends.get(0).calls.stream().map(each -> each.info().id()).toList();
  }

  /** Each is as good as the one that waits, and is not the one. */
  @Test
  void ticketsThatItWasNotGivenCostNoRequest() {
    world(
        new Line() {
          @Override
          public @Nullable Ticket poll(Predicate<Ticket> admits) {
            Ticket head = tickets.peek();
            if (head == null || !admits.test(head)) {
              return null;
            }
            return new Ticket(head.request(), head.enqueuedNanos(), head.expiresNanos());
          }
        });
    for (int i = 0; i < 20; i++) {
      world.send();
    }
    assertTimeoutPreemptively(Duration.ofSeconds(20), world::settle);
    world.clients.forEach(client -> assertTrue(client.ok(), client.reason()));
    assertEquals(20, world.backends.get(0).calls.size());
  }

  @Test
  void oneThatThrowsWhenItIsAskedOnceCostsNoRequest() {
    int[] asked = {0};
    Line line =
        new Line() {
          @Override
          public @Nullable Ticket poll(Predicate<Ticket> admits) {
            if (asked[0]++ == 3) {
              throw new IllegalStateException("once");
            }
            return super.poll(admits);
          }
        };
    world(line);
    for (int i = 0; i < 10; i++) {
      world.send();
    }
    world.settle();
    world.clients.forEach(client -> assertTrue(client.ok(), client.reason()));
    assertEquals(1, world.errors());
    assertEquals(0, line.size(), "it was told of the one that had its turn");
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
