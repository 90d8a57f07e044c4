package dev.forebay.spi.policy;

import dev.forebay.spi.Named;
import dev.forebay.spi.Outcome;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An order among requests that wait for capacity. Synchronous; it runs on the pool's timeline. The
 * mechanism around it wakes, expires and cancels; the queue orders, and decides whom to shed.
 */
@Named("queue")
public interface RequestQueue {

  /**
   * Says how long a ticket waits at most; called once, before the first ticket.
   *
   * @param nanos at least 0
   * @throws IllegalArgumentException if the queue's options ask for what cannot happen within that
   *     time; then the gateway does not start
   */
  default void longestWait(long nanos) {}

  /**
   * Adds a ticket.
   *
   * @return the ticket that was shed to make room, the offered one itself where it found none; null
   *     where nobody was
   */
  @Nullable Ticket offer(Ticket ticket);

  /**
   * Takes out the ticket whose turn it is.
   *
   * @param admits asked about candidates in turn, the head of each class or flow at most once; the
   *     first that it admits is taken. Once it has admitted one it is not asked again.
   * @return the ticket that was admitted; null where none was
   */
  @Nullable Ticket poll(Predicate<Ticket> admits);

  /** Takes out a ticket whose caller left or whose time is up; false where it is not there. */
  boolean remove(Ticket ticket);

  /**
   * Takes out a ticket as if its turn had come: a queue that holds this one has chosen it.
   *
   * @return false if it is not there
   */
  default boolean take(Ticket ticket) {
    return remove(ticket);
  }

  /**
   * Takes out the ticket that is to go if room is needed, which may be the one that came last: of
   * the least urgent class, of the caller most over its share, of those whose turn would come last.
   *
   * @return null if none waits, or if the queue has no opinion: then the one that came last goes
   */
  default @Nullable Ticket shed() {
    return null;
  }

  /**
   * Takes out a ticket that the queue gives up although there is room, since it has waited for too
   * long. Asked after each {@link #poll} that admitted nobody, until there is none: nothing is
   * given up for which there was capacity.
   */
  default @Nullable Ticket drop() {
    return null;
  }

  /** How many wait. */
  int size();

  /** A request that was polled or taken is over; called exactly once for each. */
  default void finished(Ticket ticket, Outcome outcome) {}
}
