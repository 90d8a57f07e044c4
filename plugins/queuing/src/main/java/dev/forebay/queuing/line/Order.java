package dev.forebay.queuing.line;

import dev.forebay.spi.policy.Ticket;

/** An order among tickets; those that are equal in it go by their arrival. */
public enum Order {
  /** First come, first served. */
  ARRIVAL,

  /** The one that has to start first: by deadline less service time, or by the longest wait. */
  DEADLINE,

  /** The least expected work: of its answer, and of the part of its prompt that is not cached. */
  SHORTEST;

  /** Tokens of a prompt that are as much work as one of an answer. */
  private static final int PROMPT_TOKENS = 16;

  /** Compares two tickets; 0 if only their arrival tells them apart. */
  int compare(Ticket one, Ticket other) {
    return switch (this) {
      case ARRIVAL -> 0;
      case DEADLINE -> Long.compare(one.expiresNanos(), other.expiresNanos());
      case SHORTEST -> Long.compare(work(one), work(other));
    };
  }

  private static long work(Ticket ticket) {
    Ticket.Demand demand = ticket.demand();
    long prompt = Math.max(0, ticket.request().promptTokens() - demand.cachedTokens());
    return PROMPT_TOKENS * demand.outputTokens() + prompt;
  }
}
