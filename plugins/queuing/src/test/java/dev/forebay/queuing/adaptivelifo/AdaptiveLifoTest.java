package dev.forebay.queuing.adaptivelifo;

import static org.junit.jupiter.api.Assertions.assertSame;

import dev.forebay.conformance.RequestQueueContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.queuing.line.Tickets;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdaptiveLifoTest implements RequestQueueContract {

  private final TestContext context = TestContext.create();
  private final RequestQueue queue = plugin().create(context);

  @Override
  public Plugin<RequestQueue> plugin() {
    return AdaptiveLifo.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "it has no classes";
    return Map.of(
        "Q10",
        "the last comes first if it stands",
        "Q11",
        reason,
        "Q12",
        reason,
        "Q13",
        "the old ones wait for calm, or for the end of their time");
  }

  @Test
  void whileItIsCalmTheFirstComesFirst() {
    Tickets.serve(queue, Duration.ofSeconds(4));
    Ticket first = offer();
    offer();
    context.passSeconds(2);
    assertSame(first, queue.poll(any -> true));
  }

  @Test
  void ifItStandsTheLastComesFirstUntilTheOldAreGone() {
    Tickets.serve(queue, Duration.ofSeconds(4));
    Ticket first = offer();
    offer();
    context.pass(2_000_000_001L);
    Ticket last = offer();
    assertSame(last, queue.poll(any -> true));
    queue.remove(first);
    Ticket second = queue.shed();
    assertSame(null, queue.poll(any -> true), "shed the oldest that was left: " + second);
    Ticket calm = offer();
    offer();
    assertSame(calm, queue.poll(any -> true));
  }

  @Test
  void asLongAsNoAnswerIsKnownItDoesNotTurn() {
    Ticket first = offer();
    context.passSeconds(1_000);
    offer();
    assertSame(first, queue.poll(any -> true));
  }

  @Test
  void aFullQueueShedsTheOldestIfItStandsAndElseTheNewcomer() {
    RequestQueue small = AdaptiveLifo.defaults().withCapacity(1).create(context);
    Tickets.serve(small, Duration.ofSeconds(4));
    Ticket first = ticket();
    small.offer(first);
    Ticket newcomer = ticket();
    assertSame(newcomer, small.offer(newcomer));
    context.passSeconds(3);
    assertSame(first, small.offer(ticket()));
  }

  private Ticket offer() {
    Ticket ticket = ticket();
    queue.offer(ticket);
    return ticket;
  }

  private Ticket ticket() {
    return Tickets.of("t", 1, context.timeline().nanos(), Long.MAX_VALUE);
  }
}
