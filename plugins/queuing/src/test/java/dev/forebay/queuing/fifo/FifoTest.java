package dev.forebay.queuing.fifo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.RequestQueueContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FifoTest implements RequestQueueContract {

  private static final RequestInfo REQUEST = Requests.chat("r");

  @Override
  public Plugin<RequestQueue> plugin() {
    return Fifo.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "first come, first served: it has no classes";
    return Map.of("Q11", reason, "Q12", reason);
  }

  @Test
  void aFullQueueShedsTheNewcomer() {
    RequestQueue queue = Fifo.capacity(2).create(TestContext.create());
    Ticket first = ticket(1);
    assertNull(queue.offer(first));
    assertNull(queue.offer(ticket(2)));
    Ticket newcomer = ticket(3);

    assertSame(newcomer, queue.offer(newcomer));
    assertSame(first, queue.poll(any -> true));
    assertNull(queue.offer(newcomer));
  }

  @Property
  void itBehavesAsABoundedListInTheOrderOfArrival(
      @ForAll @IntRange(min = 1, max = 6) int capacity,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 9) Integer> actions) {
    RequestQueue queue = new FifoQueue(capacity);
    ArrayDeque<Ticket> model = new ArrayDeque<>();
    for (int i = 0; i < actions.size(); i++) {
      switch (actions.get(i)) {
        case 0, 1, 2, 3 -> {
          Ticket offered = ticket(i);
          boolean full = model.size() == capacity;
          assertSame(full ? offered : null, queue.offer(offered));
          if (!full) {
            model.add(offered);
          }
        }
        case 4, 5, 6 -> assertSame(model.poll(), queue.poll(any -> true));
        case 7 -> assertNull(queue.poll(any -> false));
        default -> {
          Ticket leaving = actions.get(i) == 8 ? model.peekLast() : model.peekFirst();
          assertTrue(leaving == null || (queue.remove(leaving) && model.remove(leaving)));
        }
      }
      assertEquals(model.size(), queue.size());
    }
  }

  @Test
  void aMillionTicketsPassInOrder() {
    RequestQueue queue = new FifoQueue(1_000);
    Ticket[] window = new Ticket[500];
    for (int i = 0; i < 1_000_000; i++) {
      int slot = i % window.length;
      if (i >= window.length) {
        assertSame(window[slot], queue.poll(any -> true));
      }
      window[slot] = Requests.ticket(REQUEST, i);
      assertNull(queue.offer(window[slot]));
    }
    assertEquals(window.length, queue.size());
  }

  private static Ticket ticket(int number) {
    return Requests.ticket(Requests.chat("r" + number), number);
  }
}
