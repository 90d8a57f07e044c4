package dev.forebay.spi.policy;

import dev.forebay.spi.RequestInfo;
import io.vertx.core.Future;
import java.util.List;

/**
 * A limit that belongs to the caller (429, come back later), asked once per request, before any
 * queue. It may count requests, tokens and money. Runs on the gateway's timeline; its futures
 * complete there.
 *
 * <p>What a request will use is not known when it comes. So a limiter takes what the framework
 * expects, and is told once, at the end, what it was. A limit that is smaller than what is expected
 * takes what it holds when it is full, so that a request that comes alone is always admitted. A
 * request that is refused takes nothing.
 */
public interface RateLimiter {

  /**
   * Asks for leave.
   *
   * @param expected what the request is expected to use, all at least 0
   * @return a decision; a future that fails lets the request pass and is counted (fail open)
   */
  Future<Decision> acquire(RequestInfo request, Amount expected);

  /**
   * How the limits stand that a request touches, after the decision about it; for the caller's
   * information. Empty if nothing is told.
   */
  default List<Standing> standing(RequestInfo request) {
    return List.of();
  }

  /**
   * Sets a limit while the gateway runs. It holds from now on, also for callers who are waiting: a
   * raised limit has the difference at once.
   *
   * @param limit its name
   * @param key whose limit: a tenant, an address, as the limit counts; empty for all that have none
   *     of their own
   * @param quota in whole requests or tokens, or in US dollars, for the time of the limit; above 0
   * @return whether there is such a limit
   * @throws IllegalArgumentException if the quota is out of bounds
   */
  default boolean change(String limit, String key, double quota) {
    return false;
  }

  /** What limits count. */
  enum Quantity {
    /** Requests. */
    REQUESTS,
    /** Tokens of prompts and answers. */
    TOKENS,
    /** Money; amounts are in billionths of a US dollar. */
    MONEY
  }

  /**
   * What a request uses of each quantity.
   *
   * @param requests 0 or 1
   * @param tokens of prompt and answer, or {@link #UNKNOWN}
   * @param nanodollars billionths of a US dollar, or {@link #UNKNOWN}
   */
  record Amount(long requests, long tokens, long nanodollars) {

    /** Not known: what was taken stands. Only of what was used. */
    public static final long UNKNOWN = -1;

    /** Nothing: all that was taken is given back. */
    public static final Amount NONE = new Amount(0, 0, 0);

    /** One request, of which nothing else is known. */
    public static final Amount REQUEST = new Amount(1, UNKNOWN, UNKNOWN);

    /** That of a quantity. */
    public long of(Quantity quantity) {
      return switch (quantity) {
        case REQUESTS -> requests;
        case TOKENS -> tokens;
        case MONEY -> nanodollars;
      };
    }
  }

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
   * @param retryAfterNanos nanoseconds until the same request passes, if nobody else takes what
   *     comes in until then; above 0
   * @param limit the name of the limit that is reached; the one with the longest wait, of several
   */
  record Refuse(String reason, long retryAfterNanos, String limit) implements Decision {}

  /** What was taken for a request on an estimate; the request's id is its id. */
  interface Reservation {

    /** Nothing to settle. */
    Reservation NONE = (request, used) -> {};

    /**
     * Settles it; called exactly once.
     *
     * @param request the one that it was taken for
     * @param used what the request really used: {@link Amount#NONE} if nothing was done for it
     */
    void settle(RequestInfo request, Amount used);
  }

  /**
   * How one limit stands for a caller.
   *
   * @param limit its name: lower case, digits and hyphens
   * @param quantity what it counts; for money, the amounts are billionths of a US dollar
   * @param quota what it admits at once when nothing is taken
   * @param windowNanos nanoseconds in which so much comes back
   * @param remaining what it would admit now, at least 0
   * @param resetNanos nanoseconds until nothing is taken any more, if nobody takes anything
   */
  record Standing(
      String limit,
      Quantity quantity,
      long quota,
      long windowNanos,
      long remaining,
      long resetNanos) {}
}
