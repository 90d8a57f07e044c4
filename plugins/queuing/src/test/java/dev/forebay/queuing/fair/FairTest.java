package dev.forebay.queuing.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.RequestQueueContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.queuing.line.Order;
import dev.forebay.queuing.line.Tickets;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FairTest implements RequestQueueContract {

  @Override
  public Plugin<RequestQueue> plugin() {
    return Fair.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "shares among tenants: it has no classes";
    return Map.of("Q11", reason, "Q12", reason);
  }

  private static Ticket of(String tenant, long tokens) {
    return Tickets.of(tenant, tokens, 0, Long.MAX_VALUE);
  }

  private static Map<String, Long> served(RequestQueue queue, int turns) {
    Map<String, Long> tokens = new HashMap<>();
    for (int i = 0; i < turns; i++) {
      Ticket ticket = queue.poll(any -> true);
      if (ticket != null) {
        tokens.merge(ticket.request().caller().tenant(), ticket.tokens(), Long::sum);
      }
    }
    return tokens;
  }

  private static double ratio(Map<String, Long> of, String one, String other) {
    return (double) of.getOrDefault(one, 0L) / of.getOrDefault(other, 0L);
  }

  @Test
  void tenantsGetTokensByTheirWeights() {
    RequestQueue queue = Fair.weights(Map.of("gold", 3.0)).create(TestContext.create());
    for (int i = 0; i < 300; i++) {
      queue.offer(of("gold", 100));
      queue.offer(of("short", 50));
      queue.offer(of("long", 200));
    }
    Map<String, Long> tokens = served(queue, 350);
    assertEquals(3.0, ratio(tokens, "gold", "short"), 0.05);
    assertEquals(1.0, ratio(tokens, "long", "short"), 0.05);
  }

  @Test
  void tokensThatWereNotExpectedAreOwed() {
    RequestQueue queue = plugin().create(TestContext.create());
    for (int i = 0; i < 400; i++) {
      queue.offer(of("as expected", 100));
      queue.offer(of("more", 100));
    }
    Map<String, Long> turns = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      Ticket ticket = queue.poll(any -> true);
      assertNotNull(ticket);
      String tenant = ticket.request().caller().tenant();
      turns.merge(tenant, 1L, Long::sum);
      queue.finished(ticket, Tickets.took(tenant.equals("more") ? 400 : 100));
    }
    assertEquals(4.0, ratio(turns, "as expected", "more"), 0.15);
  }

  @Test
  void whoComesBackHasNoClaimForTheTimeThatHeWasAway() {
    RequestQueue queue = plugin().create(TestContext.create());
    for (int i = 0; i < 600; i++) {
      queue.offer(of("busy", 100));
    }
    served(queue, 500);
    for (int i = 0; i < 10; i++) {
      queue.offer(of("back", 100));
    }
    Map<String, Long> tokens = served(queue, 10);
    assertEquals(1.0, ratio(tokens, "back", "busy"), 0.6, "half, give or take one request");
  }

  @Test
  void aFullQueueTakesFromTheTenantMostOverItsShare() {
    RequestQueue queue =
        Fair.weights(Map.of("gold", 10.0)).withCapacity(4).create(TestContext.create());
    queue.offer(of("gold", 500));
    queue.offer(of("small", 10));
    queue.offer(of("noisy", 40));
    Ticket last = of("noisy", 40);
    queue.offer(last);
    assertSame(last, queue.offer(of("small", 10)));
    Ticket newcomer = of("noisy", 40);
    assertSame(newcomer, queue.offer(newcomer));
  }

  @Test
  void withinATenantAnotherOrderMayHold() {
    RequestQueue queue = Fair.defaults().withOrder(Order.SHORTEST).create(TestContext.create());
    Ticket longer = of("t", 100);
    Ticket shorter = of("t", 10);
    queue.offer(longer);
    queue.offer(shorter);
    assertEquals(List.of(shorter, longer), Tickets.drain(queue));
  }

  /** A tenant that always has something waiting gets its share, whatever the others do. */
  @Property
  void nobodyStarves(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 1_000) Integer> lengths,
      @ForAll @Size(min = 300, max = 300) List<@IntRange(min = 0, max = 5) Integer> arrivals) {
    RequestQueue queue = plugin().create(TestContext.create());
    Map<String, Long> tokens = new HashMap<>();
    int longest = lengths.stream().mapToInt(each -> each).max().orElse(1);
    for (int i = 0; i < arrivals.size(); i++) {
      queue.offer(of("patient", 100));
      for (int n = 0; n < arrivals.get(i); n++) {
        int tenant = (i + n) % lengths.size();
        queue.offer(of("t" + tenant, lengths.get(tenant)));
      }
      Ticket polled = queue.poll(any -> true);
      assertNotNull(polled);
      tokens.merge(polled.request().caller().tenant(), polled.tokens(), Long::sum);
    }
    long patient = tokens.getOrDefault("patient", 0L);
    for (long other : tokens.values()) {
      assertTrue(other <= patient + 2L * longest + 200, () -> tokens + " with lengths " + lengths);
    }
  }
}
