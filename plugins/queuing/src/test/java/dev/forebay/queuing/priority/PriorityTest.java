package dev.forebay.queuing.priority;

import static dev.forebay.spi.RequestInfo.BATCH;
import static dev.forebay.spi.RequestInfo.LEAST_PRIORITY;
import static dev.forebay.spi.RequestInfo.STANDARD;
import static dev.forebay.spi.RequestInfo.VIP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.RequestQueueContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.queuing.fifo.Fifo;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PriorityTest implements RequestQueueContract {

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<RequestQueue> plugin() {
    return Priority.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("Q13", "aging takes time, and in this rule none passes");
  }

  @Test
  void theMostUrgentClassGoesFirst() {
    RequestQueue queue = plugin().create(context);
    Ticket batch = offer(queue, BATCH);
    Ticket standard = offer(queue, STANDARD);
    Ticket vip = offer(queue, VIP);

    assertEquals(List.of(vip, standard, batch), drain(queue));
  }

  @Test
  void aFullQueueShedsTheYoungestOfTheLeastUrgentClass() {
    RequestQueue queue = Priority.capacity(3).create(context);
    offer(queue, BATCH);
    Ticket youngest = offer(queue, BATCH);
    offer(queue, STANDARD);

    assertSame(youngest, queue.offer(ticket(STANDARD)));
    assertEquals(3, queue.size());
  }

  @Test
  void aFullQueueShedsTheNewcomerWhereNobodyIsLessUrgent() {
    RequestQueue queue = Priority.capacity(2).create(context);
    offer(queue, STANDARD);
    offer(queue, VIP);
    Ticket newcomer = ticket(STANDARD);

    assertSame(newcomer, queue.offer(newcomer));
  }

  @Test
  void eachClassIsAskedForItsHeadOnce() {
    RequestQueue queue = plugin().create(context);
    Ticket batch = offer(queue, BATCH);
    Ticket vip = offer(queue, VIP);
    offer(queue, VIP);
    offer(queue, BATCH);
    List<Ticket> asked = new ArrayList<>();

    assertNull(queue.poll(candidate -> !asked.add(candidate)));
    assertEquals(List.of(vip, batch), asked);
  }

  @Test
  void afterItsAgingATicketGoesBeforeYoungerOnesOfTheNextClass() {
    RequestQueue queue = Priority.defaults().withAging(Duration.ofSeconds(10)).create(context);
    Ticket patient = offer(queue, STANDARD);
    context.pass(9_999_999_999L);
    Ticket early = offer(queue, VIP);
    assertSame(early, queue.poll(any -> true));
    context.pass(1);
    offer(queue, VIP);

    assertSame(patient, queue.poll(any -> true));
  }

  @Test
  void withoutAgingALowerClassWaitsForEver() {
    RequestQueue queue = Priority.defaults().withAging(Duration.ZERO).create(context);
    offer(queue, STANDARD);
    context.passSeconds(86_400);
    Ticket vip = offer(queue, VIP);

    assertSame(vip, queue.poll(any -> true));
  }

  @Test
  void classesThatAreNotToldApartShareOneOrder() {
    Priority vipsFirst = Priority.vipsFirst(Fifo.defaults());
    RequestQueue queue = vipsFirst.create(TestContext.create());
    Ticket batch = ticket(BATCH);
    Ticket standard = ticket(STANDARD);
    Ticket vip = ticket(VIP);
    List.of(batch, standard, vip).forEach(queue::offer);

    assertEquals(List.of(vip, batch, standard), drain(queue));
  }

  @Test
  void withAgingNobodyStarves() {
    for (int priority = STANDARD; priority <= LEAST_PRIORITY; priority++) {
      RequestQueue queue = plugin().create(context);
      long now = context.timeline().nanos();
      Ticket patient =
          new Ticket(Requests.chat("r").withPriority(priority), now, now + seconds(90));
      assertNull(queue.offer(patient));
      int before = 0;
      Ticket polled = null;
      while (polled != patient && before < 90) {
        context.passSeconds(1);
        offer(queue, VIP);
        polled = queue.poll(any -> true);
        before++;
      }
      long parts = priority + 2L;
      assertEquals((90L * priority + parts - 1) / parts, before, "a class for each part");
    }
  }

  @Test
  void agingThatCannotHappenWithinTheLongestWaitIsRefused() {
    long longest = seconds(30);
    Priority options = Priority.defaults();
    plugin().create(context).longestWait(longest);
    options.withAging(Duration.ZERO).create(context).longestWait(longest);
    options.withAging(Duration.ofSeconds(29)).create(context).longestWait(longest);
    RequestQueue never = options.withAging(Duration.ofSeconds(30)).create(context);
    assertEquals(
        "aging: PT30S (expected: below max-wait, which is PT30S, or 0 for never)",
        assertThrows(IllegalArgumentException.class, () -> never.longestWait(longest))
            .getMessage());
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  @Property
  void itBehavesAsASortedListAndLosesNoTicket(
      @ForAll @IntRange(min = 1, max = 8) int capacity,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 15) Integer> actions) {
    RequestQueue queue =
        Priority.capacity(capacity).withAging(Duration.ZERO).create(TestContext.create());
    List<Ticket> model = new ArrayList<>();
    int out = 0;
    int offered = 0;
    for (int action : actions) {
      if (action < 8) {
        Ticket ticket = ticket(action);
        Ticket shed = queue.offer(ticket);
        offered++;
        model.add(ticket);
        Ticket expected = model.size() > capacity ? lastOf(model, action) : null;
        assertSame(expected, shed);
        out += model.remove(shed) ? 1 : 0;
      } else if (action < 12) {
        Ticket polled = queue.poll(any -> true);
        assertSame(first(model).orElse(null), polled);
        out += model.remove(polled) ? 1 : 0;
      } else if (!model.isEmpty()) {
        Ticket leaving = model.remove(action % model.size());
        assertTrue(queue.remove(leaving));
        out++;
      }
      assertEquals(model.size(), queue.size());
      assertEquals(offered, out + queue.size());
    }
  }

  @Test
  void aMillionTicketsPassByClass() {
    RequestQueue queue = Priority.capacity(1_000).create(context);
    for (int i = 0; i < 1_000_000; i++) {
      assertNull(queue.offer(ticket(i % 8)));
      if (i % 100 == 99) {
        List<Ticket> all = drain(queue);
        assertEquals(100, all.size());
        assertEquals(0, all.getFirst().request().priority());
        assertEquals(7, all.getLast().request().priority());
      }
    }
  }

  private static Optional<Ticket> first(List<Ticket> model) {
    return model.stream().min(Comparator.comparingInt(one -> one.request().priority()));
  }

  /** The youngest of the least urgent class; the newcomer, which is last, among its own. */
  private static Ticket lastOf(List<Ticket> model, int newcomer) {
    int worst = model.stream().mapToInt(one -> one.request().priority()).max().orElse(newcomer);
    return model.stream()
        .filter(one -> one.request().priority() == worst)
        .reduce((one, later) -> later)
        .orElseThrow();
  }

  private Ticket offer(RequestQueue queue, int priority) {
    Ticket ticket =
        Requests.ticket(Requests.chat("r").withPriority(priority), context.timeline().nanos());
    assertNull(queue.offer(ticket));
    return ticket;
  }

  private static Ticket ticket(int priority) {
    return Requests.ticket(Requests.chat("r").withPriority(priority), 0);
  }

  private static List<Ticket> drain(RequestQueue queue) {
    List<Ticket> all = new ArrayList<>();
    for (Ticket next = queue.poll(any -> true); next != null; next = queue.poll(any -> true)) {
      all.add(next);
    }
    return all;
  }
}
