package dev.forebay.queuing.fair;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A flow for each tenant. Virtual time is where the turn began that was given last; a flow's next
 * turn begins where its last one ended, but not in the past. So a flow that comes back has no claim
 * for the time that it was away.
 *
 * <p>Flows with nothing waiting are kept while they are ahead of virtual time, at most as many as
 * tickets may wait; and none once nothing waits at all, because then nobody was kept waiting for
 * them.
 */
final class FairQueue implements RequestQueue {

  private final Fair options;
  private final Map<String, Flow> flows = new HashMap<>();
  private final TreeSet<Flow> waiting = new TreeSet<>(Flow.BY_START);
  private final TreeSet<Flow> backlogs = new TreeSet<>(Flow.BY_BACKLOG);
  private final TreeSet<Flow> ahead = new TreeSet<>(Flow.BY_START);
  private double now;
  private int size;

  FairQueue(Fair options) {
    this.options = options;
  }

  @Override
  public @Nullable Ticket offer(Ticket ticket) {
    Flow flow = flow(ticket);
    leave(flow);
    if (flow.line.isEmpty()) {
      flow.start = Math.max(now, flow.start);
    }
    flow.line.add(ticket);
    flow.backlog += ticket.tokens();
    size++;
    enter(flow);
    return size > options.capacity() ? shed() : null;
  }

  @Override
  public @Nullable Ticket poll(Predicate<Ticket> admits) {
    for (Flow flow : waiting) {
      Ticket head = flow.line.first();
      if (admits.test(head)) {
        take(head);
        return head;
      }
    }
    return null;
  }

  @Override
  public boolean take(Ticket ticket) {
    Flow flow = flows.get(tenant(ticket));
    if (flow == null || !pull(flow, ticket)) {
      return false;
    }
    now = Math.max(now, flow.start);
    flow.start += ticket.tokens() / flow.weight;
    enter(flow);
    forget();
    return true;
  }

  @Override
  public boolean remove(Ticket ticket) {
    Flow flow = flows.get(tenant(ticket));
    if (flow == null || !pull(flow, ticket)) {
      return false;
    }
    enter(flow);
    forget();
    return true;
  }

  @Override
  public @Nullable Ticket shed() {
    if (backlogs.isEmpty()) {
      return null;
    }
    Ticket last = backlogs.getLast().line.last();
    remove(last);
    return last;
  }

  @Override
  public int size() {
    return size;
  }

  /** The tokens that were not expected are owed, those that were not used are given back. */
  @Override
  public void finished(Ticket ticket, Outcome outcome) {
    Usage usage = outcome.usage();
    if (size == 0 || usage.totalTokens() == 0) {
      return;
    }
    Flow flow = flow(ticket);
    leave(flow);
    flow.start += (usage.totalTokens() - ticket.tokens()) / flow.weight;
    enter(flow);
    forget();
  }

  private static String tenant(Ticket ticket) {
    return ticket.request().caller().tenant();
  }

  private Flow flow(Ticket ticket) {
    return flows.computeIfAbsent(
        tenant(ticket),
        tenant ->
            new Flow(tenant, options.weights().getOrDefault(tenant, 1.0), options.order(), now));
  }

  /** Takes a ticket out of a flow, which has to {@link #enter} again. */
  private boolean pull(Flow flow, Ticket ticket) {
    if (!flow.line.remove(ticket)) {
      return false;
    }
    leave(flow);
    flow.backlog -= ticket.tokens();
    size--;
    return true;
  }

  private void leave(Flow flow) {
    waiting.remove(flow);
    backlogs.remove(flow);
    ahead.remove(flow);
  }

  private void enter(Flow flow) {
    if (!flow.line.isEmpty()) {
      waiting.add(flow);
      backlogs.add(flow);
    } else if (flow.start > now) {
      ahead.add(flow);
    } else {
      flows.remove(flow.tenant);
    }
  }

  private void forget() {
    while (!ahead.isEmpty()
        && (size == 0 || ahead.getFirst().start <= now || ahead.size() > options.capacity())) {
      Flow first = ahead.getFirst();
      ahead.remove(first);
      flows.remove(first.tenant);
    }
  }
}
