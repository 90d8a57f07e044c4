package dev.forebay.queuing.line;

import dev.forebay.spi.policy.Ticket;
import java.util.Comparator;

/** An order among tickets; those that are equal in it go by their arrival. */
public enum Order {
  /** First come, first served. */
  ARRIVAL((one, other) -> 0),

  /** The one that has to start first: by deadline less service time, or by the longest wait. */
  DEADLINE(Comparator.comparingLong(Ticket::expiresNanos)),

  /** The shortest expected answer. */
  SHORTEST(Comparator.comparingLong(ticket -> ticket.demand().outputTokens()));

  private final Comparator<Ticket> comparator;

  Order(Comparator<Ticket> comparator) {
    this.comparator = comparator;
  }

  /** Compares two tickets; 0 if only their arrival tells them apart. */
  int compare(Ticket one, Ticket other) {
    return comparator.compare(one, other);
  }
}
