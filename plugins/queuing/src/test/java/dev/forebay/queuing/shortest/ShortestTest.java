package dev.forebay.queuing.shortest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.forebay.conformance.RequestQueueContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.queuing.line.Tickets;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import dev.forebay.spi.policy.Ticket.Demand;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShortestTest implements RequestQueueContract {

  @Override
  public Plugin<RequestQueue> plugin() {
    return Shortest.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "it has no classes";
    return Map.of("Q11", reason, "Q12", reason);
  }

  @Test
  void theShortestExpectedAnswerGoesFirst() {
    RequestQueue queue = plugin().create(TestContext.create());
    Ticket longest = Tickets.of(500);
    Ticket shortest = Tickets.of(10);
    Ticket middle = Tickets.of(100);
    List.of(longest, shortest, middle).forEach(queue::offer);
    assertEquals(List.of(shortest, middle, longest), Tickets.drain(queue));
  }

  @Test
  void whatIsCachedOfAPromptIsNoWork() {
    RequestQueue queue = plugin().create(TestContext.create());
    Ticket cached = prompt(10_000, 9_900);
    Ticket newer = prompt(1_000, 0);
    Ticket shorter = prompt(50, 0);
    List.of(newer, cached, shorter).forEach(queue::offer);
    assertEquals(List.of(shorter, cached, newer), Tickets.drain(queue));
  }

  private static Ticket prompt(int tokens, int cached) {
    RequestInfo request =
        Requests.chat("prompt " + tokens).withPrompt(tokens, null, PrefixHashes.NONE);
    return new Ticket(request, 0, Long.MAX_VALUE, new Demand(100, cached, 0, 0));
  }

  @Test
  void aFullQueueShedsTheLongest() {
    RequestQueue queue = Shortest.defaults().withCapacity(1).create(TestContext.create());
    Ticket longest = Tickets.of(500);
    queue.offer(longest);
    assertSame(longest, queue.offer(Tickets.of(10)));
  }

  /** However many shorter ones come, each ticket has its turn within the stated bound. */
  @Property
  void nobodyWaitsForMoreThanItsBoundOfTurns(
      @ForAll @IntRange(min = 2, max = 10) int every,
      @ForAll @IntRange(min = 0, max = 20) int old) {
    RequestQueue queue = Shortest.defaults().withOldestEvery(every).create(TestContext.create());
    for (int i = 0; i < old; i++) {
      queue.offer(Tickets.of(1_000));
    }
    Ticket patient = Tickets.of(1_000);
    queue.offer(patient);
    int turns = 0;
    Ticket polled = null;
    while (polled != patient && turns <= every * (old + 1)) {
      queue.offer(Tickets.of(1));
      polled = queue.poll(any -> true);
      turns++;
    }
    assertEquals(every * (old + 1), turns);
  }
}
