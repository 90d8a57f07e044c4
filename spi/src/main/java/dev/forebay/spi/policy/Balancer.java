package dev.forebay.spi.policy;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import java.util.List;

/**
 * A choice between endpoints. All methods run on the pool's timeline, one at a time.
 *
 * <p>It chooses an object, not an index, from candidates that are already filtered for health,
 * priority group and earlier attempts.
 */
public interface Balancer {

  /**
   * Chooses who answers a request.
   *
   * @param candidates not empty, in the pool's order; valid during the call only
   * @return one of the candidates
   */
  Endpoint choose(RequestInfo request, List<Endpoint> candidates);

  /** A request is being sent to the chosen endpoint, whose counts include it. */
  default void dispatched(Endpoint endpoint, RequestInfo request) {}

  /** A request that was {@link #dispatched} is over; called exactly once for each. */
  default void finished(Endpoint endpoint, RequestInfo request, Outcome outcome) {}

  /** The pool's members changed: forget the state of endpoints that are not in the list. */
  default void members(List<Endpoint> all) {}
}
