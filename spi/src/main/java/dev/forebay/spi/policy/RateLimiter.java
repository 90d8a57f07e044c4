package dev.forebay.spi.policy;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import io.vertx.core.Future;

/**
 * A limit that belongs to the caller (429, come back later), asked once per request, before any
 * queue. Runs on the gateway's timeline; its futures complete there.
 */
public interface RateLimiter {

  /**
   * Asks for leave.
   *
   * @return a decision; a future that fails lets the request pass and is counted (fail open)
   */
  Future<Decision> acquire(RequestInfo request);

  /** What a limiter says. */
  sealed interface Decision {}

  /**
   * Go on.
   *
   * @param reservation settled once, however the request ends
   */
  record Admit(Reservation reservation) implements Decision {}

  /**
   * Go on after a wait.
   *
   * @param reservation settled once, however the request ends, also where the caller leaves while
   *     waiting
   * @param waitNanos nanoseconds to wait, above 0
   */
  record Delay(Reservation reservation, long waitNanos) implements Decision {}

  /**
   * Come back later.
   *
   * @param reason a machine-readable word, such as {@code rate_limited}
   * @param retryAfterNanos nanoseconds until another try may pass
   */
  record Refuse(String reason, long retryAfterNanos) implements Decision {}

  /** What was taken for a request on an estimate. */
  interface Reservation {

    /** Nothing to settle. */
    Reservation NONE = outcome -> {};

    /** Settles it with what the request really used; called exactly once. */
    void settle(Outcome outcome);
  }
}
