package dev.forebay.queuing.line;

import dev.forebay.spi.policy.Ticket;
import java.util.Comparator;

/** An order among tickets; those that are equal in it go by their arrival. */
public enum Order {
  /** First come, first served. */
  ARRIVAL((one, other) -> 0),

  /** The one that has to start first: by deadline less service time, or by the longest wait. */
  DEADLINE(Comparator.comparingLong(Ticket::expiresNanos)),

  /** The least expected work: of its answer, and of its prompt. */
  SHORTEST(Comparator.comparingLong(Order::work));

  /** Tokens of a prompt that are as much work as one of an answer. */
  private static final int PROMPT_TOKENS = 16;

  private final Comparator<Ticket> comparator;

  Order(Comparator<Ticket> comparator) {
    this.comparator = comparator;
  }

  private static long work(Ticket ticket) {
    return PROMPT_TOKENS * ticket.demand().outputTokens() + ticket.request().promptTokens();
  }

  /** Compares two tickets; 0 if only their arrival tells them apart. */
  int compare(Ticket one, Ticket other) {
    return comparator.compare(one, other);
  }
}
