package dev.forebay.queuing.codel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.forebay.conformance.RequestQueueContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.queuing.line.Tickets;
import dev.forebay.queuing.priority.Priority;
import dev.forebay.queuing.shortest.Shortest;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** With service times of 4 s: the target is 2 s, the interval 8 s, and 4 s are too long then. */
class CodelTest implements RequestQueueContract {

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<RequestQueue> plugin() {
    return Codel.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "first come, first served: it has no classes";
    return Map.of("Q11", reason, "Q12", reason);
  }

  private RequestQueue taught(Plugin<RequestQueue> plugin) {
    RequestQueue queue = plugin.create(context);
    Tickets.serve(queue, Duration.ofSeconds(4));
    return queue;
  }

  @Test
  void aBurstThatIsSoonWorkedOffLosesNobody() {
    RequestQueue queue = taught(plugin());
    for (int i = 0; i < 8; i++) {
      offer(queue);
    }
    for (int second = 0; second < 8; second++) {
      context.passSeconds(1);
      assertNull(queue.drop(), "after " + (second + 1) + " s");
      queue.poll(any -> true);
    }
    assertEquals(0, queue.size());
  }

  @Test
  void whileItStandsWhoHasWaitedLongestIsDropped() {
    RequestQueue queue = taught(plugin());
    int dropped = 0;
    for (int second = 0; second < 60; second++) {
      offer(queue);
      offer(queue);
      context.passSeconds(1);
      for (Ticket drop = queue.drop(); drop != null; drop = queue.drop()) {
        long waited = context.timeline().nanos() - drop.enqueuedNanos();
        assertEquals(true, waited > Duration.ofSeconds(4).toNanos(), "dropped after " + waited);
        dropped++;
      }
      queue.poll(any -> true);
    }
    assertEquals(true, dropped > 40 && dropped < 60, "dropped " + dropped + " of 120");
    assertEquals(true, queue.size() <= 10, queue.size() + " wait");
  }

  @Test
  void onceItHasBeenShortForAMomentTheIntervalBeginsAnew() {
    RequestQueue queue = taught(plugin());
    Ticket first = offer(queue);
    context.passSeconds(11);
    queue.remove(first);
    offer(queue);
    context.passSeconds(9);
    assertNull(queue.drop());
    context.passSeconds(9);
    assertNotSame(null, queue.drop());
  }

  @Test
  void asLongAsNoAnswerIsKnownNobodyIsDropped() {
    RequestQueue queue = plugin().create(context);
    offer(queue);
    context.passSeconds(10_000);
    assertNull(queue.drop());
  }

  @Test
  void theHeadIsTheOldestWhateverTheOrderWithin() {
    RequestQueue queue = taught(Codel.around(Shortest.defaults()));
    Ticket old = offer(queue);
    context.passSeconds(1);
    assertNull(queue.drop());
    queue.offer(Tickets.of("t", 0, context.timeline().nanos(), Long.MAX_VALUE));
    context.passSeconds(3);
    assertNull(queue.drop());
    context.passSeconds(9);
    assertSame(old, queue.drop());
  }

  @Test
  void withinClassesEachClassStandsForItself() {
    RequestQueue queue = Priority.around(Codel.defaults()).create(context);
    Tickets.serve(queue, Duration.ofSeconds(4));
    Ticket standard = offer(queue);
    context.passSeconds(3);
    assertNull(queue.drop());
    context.passSeconds(9);
    assertSame(standard, queue.drop());
    assertEquals(0, queue.size());
  }

  private Ticket offer(RequestQueue queue) {
    Ticket ticket = Tickets.of("t", 1, context.timeline().nanos(), Long.MAX_VALUE);
    assertNull(queue.offer(ticket));
    return ticket;
  }
}
