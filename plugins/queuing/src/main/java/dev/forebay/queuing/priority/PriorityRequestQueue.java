package dev.forebay.queuing.priority;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue for each class, and its tickets by their arrival.
 *
 * <p>Aging moves whole classes by their oldest ticket, so that is all that {@link #poll} has to
 * compare: by class after aging, then by age, then by class. A ticket that may wait for less than
 * the oldest of its class ages faster once it is the oldest.
 */
final class PriorityRequestQueue implements RequestQueue {

  private final int capacity;
  private final @Nullable Duration aging;
  private final Timeline timeline;
  private final List<PriorityClass> classes = new ArrayList<>();
  private int size;

  private record PriorityClass(RequestQueue queue, LinkedHashSet<Ticket> byArrival) {}

  PriorityRequestQueue(Priority options, PluginContext context) {
    this.capacity = options.capacity();
    this.aging = options.aging();
    this.timeline = context.timeline();
    for (int i = 0; i < options.classes(); i++) {
      RequestQueue queue = context.child("class-" + i).create(options.within());
      classes.add(new PriorityClass(queue, new LinkedHashSet<>()));
    }
  }

  @Override
  public void longestWait(long nanos) {
    if (aging != null && aging.isPositive() && aging.toNanos() >= nanos) {
      throw new IllegalArgumentException(
          "aging: "
              + aging
              + " (expected: below max-wait, which is "
              + Duration.ofNanos(nanos)
              + ", or 0 for never)");
    }
    classes.forEach(each -> each.queue().longestWait(nanos));
  }

  @Override
  public @Nullable Ticket offer(Ticket ticket) {
    PriorityClass own = of(ticket);
    own.byArrival().add(ticket);
    size++;
    Ticket shed = left(own.queue().offer(ticket));
    return size > capacity ? shed() : shed;
  }

  @Override
  public @Nullable Ticket poll(Predicate<Ticket> admits) {
    long now = timeline.nanos();
    int asked = 0;
    for (Ticket oldest = next(asked, now); oldest != null; oldest = next(asked, now)) {
      asked |= 1 << number(oldest);
      Ticket polled = left(poll(oldest, admits, now));
      if (polled != null) {
        return polled;
      }
    }
    return null;
  }

  private @Nullable Ticket poll(Ticket oldest, Predicate<Ticket> admits, long now) {
    RequestQueue queue = of(oldest).queue();
    if (agedClass(oldest, now) == number(oldest)) {
      return queue.poll(admits);
    }
    return admits.test(oldest) && queue.take(oldest) ? oldest : null;
  }

  @Override
  public boolean remove(Ticket ticket) {
    return of(ticket).queue().remove(ticket) && left(ticket) != null;
  }

  @Override
  public boolean take(Ticket ticket) {
    return of(ticket).queue().take(ticket) && left(ticket) != null;
  }

  @Override
  public @Nullable Ticket shed() {
    for (int i = classes.size() - 1; i >= 0; i--) {
      PriorityClass each = classes.get(i);
      if (!each.byArrival().isEmpty()) {
        Ticket shed = left(each.queue().shed());
        return shed == null ? youngest(each) : shed;
      }
    }
    return null;
  }

  private Ticket youngest(PriorityClass each) {
    Ticket youngest = each.byArrival().getLast();
    remove(youngest);
    return youngest;
  }

  @Override
  public @Nullable Ticket drop() {
    for (int i = classes.size() - 1; i >= 0; i--) {
      Ticket dropped = left(classes.get(i).queue().drop());
      if (dropped != null) {
        return dropped;
      }
    }
    return null;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void finished(Ticket ticket, Outcome outcome) {
    of(ticket).queue().finished(ticket, outcome);
  }

  private PriorityClass of(Ticket ticket) {
    return classes.get(number(ticket));
  }

  private int number(Ticket ticket) {
    return Math.min(ticket.request().priority(), classes.size() - 1);
  }

  private @Nullable Ticket left(@Nullable Ticket ticket) {
    if (ticket != null && of(ticket).byArrival().remove(ticket)) {
      size--;
    }
    return ticket;
  }

  /** The oldest ticket of the class whose turn it is, of those whose bit is not set. */
  private @Nullable Ticket next(int asked, long now) {
    Ticket best = null;
    for (int i = 0; i < classes.size(); i++) {
      if ((asked & 1 << i) == 0 && !classes.get(i).byArrival().isEmpty()) {
        Ticket oldest = classes.get(i).byArrival().getFirst();
        if (best == null || before(oldest, best, now)) {
          best = oldest;
        }
      }
    }
    return best;
  }

  private boolean before(Ticket ticket, Ticket other, long now) {
    long difference = agedClass(ticket, now) - agedClass(other, now);
    return difference != 0 ? difference < 0 : ticket.enqueuedNanos() < other.enqueuedNanos();
  }

  private long agedClass(Ticket ticket, long now) {
    int priority = number(ticket);
    long perClass = perClassNanos(ticket);
    return perClass == 0
        ? priority
        : Math.max(0, priority - Math.max(0, now - ticket.enqueuedNanos()) / perClass);
  }

  private long perClassNanos(Ticket ticket) {
    return aging == null
        ? Math.max(1, (ticket.expiresNanos() - ticket.enqueuedNanos()) / (number(ticket) + 2))
        : aging.toNanos();
  }
}
