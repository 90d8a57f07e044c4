package dev.forebay.queuing.priority;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
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
 * A linked set per class: tickets leave from a head, from the tail of the least urgent class, or
 * from anywhere in constant time.
 *
 * <p>The head of a class is its oldest ticket, so aging moves whole classes and heads are all that
 * {@link #poll} has to compare: by class after aging, then by age, then by class. A ticket that may
 * wait for less than the head of its class ages faster once it is the head.
 */
final class PriorityRequestQueue implements RequestQueue {

  private static final int CLASSES = RequestInfo.LEAST_PRIORITY + 1;

  private final int capacity;
  private final @Nullable Duration aging;
  private final Timeline timeline;
  private final List<LinkedHashSet<Ticket>> classes = new ArrayList<>(CLASSES);
  private int size;

  PriorityRequestQueue(Priority options, PluginContext context) {
    this.capacity = options.capacity();
    this.aging = options.aging();
    this.timeline = context.timeline();
    for (int i = 0; i < CLASSES; i++) {
      classes.add(new LinkedHashSet<>());
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
  }

  @Override
  public @Nullable Ticket offer(Ticket ticket) {
    Ticket shed = null;
    if (size >= capacity) {
      shed = lessUrgentThan(ticket.request().priority());
      if (shed == null) {
        return ticket;
      }
      remove(shed);
    }
    classes.get(ticket.request().priority()).add(ticket);
    size++;
    return shed;
  }

  @Override
  public @Nullable Ticket poll(Predicate<Ticket> admits) {
    long now = timeline.nanos();
    int asked = 0;
    Ticket head = nextHead(asked, now);
    while (head != null) {
      if (admits.test(head)) {
        remove(head);
        return head;
      }
      asked |= 1 << head.request().priority();
      head = nextHead(asked, now);
    }
    return null;
  }

  @Override
  public boolean remove(Ticket ticket) {
    boolean there = classes.get(ticket.request().priority()).remove(ticket);
    if (there) {
      size--;
    }
    return there;
  }

  @Override
  public int size() {
    return size;
  }

  /** The youngest ticket of the least urgent class, where that is below a class; null elsewhere. */
  private @Nullable Ticket lessUrgentThan(int priority) {
    for (int i = CLASSES - 1; i > priority; i--) {
      if (!classes.get(i).isEmpty()) {
        return classes.get(i).getLast();
      }
    }
    return null;
  }

  /** The head whose turn it is among the classes whose bit in {@code asked} is not set. */
  private @Nullable Ticket nextHead(int asked, long now) {
    Ticket best = null;
    for (int i = 0; i < CLASSES; i++) {
      if ((asked & 1 << i) == 0 && !classes.get(i).isEmpty()) {
        Ticket head = classes.get(i).getFirst();
        if (best == null || before(head, best, now)) {
          best = head;
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
    int priority = ticket.request().priority();
    long perClass = perClassNanos(ticket);
    return perClass == 0
        ? priority
        : Math.max(0, priority - Math.max(0, now - ticket.enqueuedNanos()) / perClass);
  }

  private long perClassNanos(Ticket ticket) {
    return aging == null
        ? Math.max(
            1, (ticket.expiresNanos() - ticket.enqueuedNanos()) / (ticket.request().priority() + 2))
        : aging.toNanos();
  }
}
