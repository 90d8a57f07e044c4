package dev.forebay.spi.policy;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;

/**
 * A limit that belongs to the capacity: how many requests may be under way at once. Synchronous; it
 * runs on the pool's timeline.
 */
public interface ConcurrencyLimiter {

  /** Asks for a permit. */
  Decision acquire(RequestInfo request);

  /** The limit now, in requests. */
  int limit();

  /** Permits that are out, at least 0. */
  int inFlight();

  /** What a limiter says. */
  sealed interface Decision {}

  /** Go on. */
  record Admitted(Permit permit) implements Decision {}

  /**
   * No capacity now.
   *
   * @param recheckNanos nanoseconds after which to ask again though no permit came back; 0 for
   *     never
   */
  record Saturated(long recheckNanos) implements Decision {

    /** Ask again when a permit comes back. */
    public static final Saturated UNTIL_RELEASE = new Saturated(0);
  }

  /** The right to be under way. */
  @FunctionalInterface
  interface Permit {

    /** Gives it back with how the request ended, from which limits learn; called exactly once. */
    void release(Outcome outcome);
  }
}
