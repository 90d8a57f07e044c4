package dev.forebay.queuing.line;

import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import dev.forebay.spi.policy.Ticket.Demand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Tickets, and answers, for the tests of queues. */
public final class Tickets {

  private static int number;

  private Tickets() {}

  /** A standard request of the tenant {@code t}, without a prompt, at 0 ns. */
  public static Ticket of(long outputTokens) {
    return of("t", outputTokens, 0, Long.MAX_VALUE);
  }

  /** A standard request without a prompt. */
  public static Ticket of(String tenant, long outputTokens, long enqueued, long expires) {
    Caller caller = new Caller("192.0.2.1", "", tenant, "", "");
    RequestInfo request = RequestInfo.chat("r" + number++, "m", caller, enqueued);
    return new Ticket(request, enqueued, expires, new Demand(outputTokens, 0, 0, 0));
  }

  /** Has a queue learn that answers take so long. */
  public static void serve(RequestQueue queue, Duration service) {
    for (int i = 0; i < 20; i++) {
      Ticket ticket = Requests.ticket(Requests.chat("s" + i), 0);
      queue.offer(ticket);
      queue.poll(any -> true);
      queue.finished(ticket, Outcomes.ok(0, service.toNanos()));
    }
  }

  /** A complete answer that took so many tokens. */
  public static Outcome took(int tokens) {
    return Outcome.ok(new Usage(0, 0, tokens, 0), new Outcome.Timings(0, 0, 1));
  }

  /** Polls all. */
  public static List<Ticket> drain(RequestQueue queue) {
    List<Ticket> all = new ArrayList<>();
    for (Ticket next = queue.poll(any -> true); next != null; next = queue.poll(any -> true)) {
      all.add(next);
    }
    return all;
  }
}
