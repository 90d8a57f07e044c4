package dev.forebay.queuing.codel;

import dev.forebay.queuing.line.ServiceTime;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.LinkedHashSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Another queue, and its tickets by their arrival: the first of these is the head at which it
 * drops, whatever the order within.
 */
final class CodelQueue implements RequestQueue {

  private static final long NOT = -1;

  private final RequestQueue within;
  private final double target;
  private final double interval;
  private final Timeline timeline;
  private final ServiceTime service = new ServiceTime();
  private final LinkedHashSet<Ticket> byArrival = new LinkedHashSet<>();
  private long longSince = NOT;

  CodelQueue(Codel options, RequestQueue within, Timeline timeline) {
    this.within = within;
    this.target = options.target();
    this.interval = options.interval();
    this.timeline = timeline;
  }

  @Override
  public void longestWait(long nanos) {
    within.longestWait(nanos);
  }

  @Override
  public @Nullable Ticket offer(Ticket ticket) {
    byArrival.add(ticket);
    return gone(within.offer(ticket));
  }

  @Override
  public @Nullable Ticket poll(Predicate<Ticket> admits) {
    return gone(within.poll(admits));
  }

  @Override
  public boolean remove(Ticket ticket) {
    return gone(within.remove(ticket), ticket);
  }

  @Override
  public boolean take(Ticket ticket) {
    return gone(within.take(ticket), ticket);
  }

  @Override
  public @Nullable Ticket shed() {
    return gone(within.shed());
  }

  @Override
  public @Nullable Ticket drop() {
    Ticket inner = gone(within.drop());
    if (inner != null) {
      return inner;
    }
    long waited = look();
    if (longSince == NOT
        || timeline.nanos() - longSince < service.times(interval)
        || waited <= service.times(2 * target)) {
      return null;
    }
    Ticket head = byArrival.getFirst();
    return remove(head) ? head : null;
  }

  @Override
  public int size() {
    return within.size();
  }

  @Override
  public void finished(Ticket ticket, Outcome outcome) {
    service.finished(outcome);
    within.finished(ticket, outcome);
  }

  private @Nullable Ticket gone(@Nullable Ticket ticket) {
    if (ticket != null) {
      gone(true, ticket);
    }
    return ticket;
  }

  private boolean gone(boolean left, Ticket ticket) {
    if (left) {
      byArrival.remove(ticket);
      look();
    }
    return left;
  }

  /** Notes whether the head has waited for too long; how long it has, and 0 if there is none. */
  private long look() {
    long now = timeline.nanos();
    long waited = byArrival.isEmpty() ? 0 : now - byArrival.getFirst().enqueuedNanos();
    if (waited <= service.times(target)) {
      longSince = NOT;
    } else if (longSince == NOT) {
      longSince = now;
    }
    return waited;
  }
}
