package dev.forebay.queuing.deadline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.forebay.conformance.RequestQueueContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.queuing.line.Tickets;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadlineTest implements RequestQueueContract {

  @Override
  public Plugin<RequestQueue> plugin() {
    return Deadline.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "it has no classes";
    return Map.of("Q11", reason, "Q12", reason);
  }

  @Test
  void theEarliestDeadlineGoesFirst() {
    RequestQueue queue = plugin().create(TestContext.create());
    Ticket late = due(30);
    Ticket early = due(10);
    Ticket middle = due(20);
    List.of(late, early, middle).forEach(queue::offer);
    assertEquals(List.of(early, middle, late), Tickets.drain(queue));
  }

  @Test
  void aFullQueueShedsTheLatestDeadline() {
    RequestQueue queue = Deadline.defaults().withCapacity(2).create(TestContext.create());
    Ticket late = due(30);
    assertNull(queue.offer(late));
    assertNull(queue.offer(due(10)));
    assertSame(late, queue.offer(due(20)));
    Ticket latest = due(40);
    assertSame(latest, queue.offer(latest));
  }

  private static Ticket due(long nanos) {
    return Tickets.of("t", 1, 0, nanos);
  }
}
