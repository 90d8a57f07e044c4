package dev.forebay.queuing.adaptivelifo;

import dev.forebay.queuing.line.ServiceTime;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.LinkedHashSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A linked set in the order of arrival: which of its ends is next goes by the oldest's wait. */
final class AdaptiveLifoQueue implements RequestQueue {

  private final int capacity;
  private final double after;
  private final Timeline timeline;
  private final ServiceTime service = new ServiceTime();
  private final LinkedHashSet<Ticket> tickets = new LinkedHashSet<>();

  AdaptiveLifoQueue(AdaptiveLifo options, Timeline timeline) {
    this.capacity = options.capacity();
    this.after = options.after();
    this.timeline = timeline;
  }

  @Override
  public @Nullable Ticket offer(Ticket ticket) {
    tickets.add(ticket);
    return tickets.size() > capacity ? shed() : null;
  }

  @Override
  public @Nullable Ticket poll(Predicate<Ticket> admits) {
    if (tickets.isEmpty()) {
      return null;
    }
    Ticket next = stands() ? tickets.getLast() : tickets.getFirst();
    return admits.test(next) && remove(next) ? next : null;
  }

  private boolean stands() {
    long waited = timeline.nanos() - tickets.getFirst().enqueuedNanos();
    return waited > service.times(after);
  }

  @Override
  public boolean remove(Ticket ticket) {
    return tickets.remove(ticket);
  }

  @Override
  public @Nullable Ticket shed() {
    if (tickets.isEmpty()) {
      return null;
    }
    Ticket last = stands() ? tickets.getFirst() : tickets.getLast();
    tickets.remove(last);
    return last;
  }

  @Override
  public int size() {
    return tickets.size();
  }

  @Override
  public void finished(Ticket ticket, Outcome outcome) {
    service.finished(outcome);
  }
}
