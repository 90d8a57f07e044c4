package dev.forebay.spi.policy;

import dev.forebay.spi.Named;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;
import java.util.List;

/** A judgement on endpoints from the outcomes of their requests. It runs on the pool's timeline. */
@Named("health")
public interface HealthPolicy {

  /**
   * Judges an endpoint after a request.
   *
   * @param outcome how the request ended; what counts is {@link Status#unhealthy()}
   * @return nanoseconds for which to send it nothing, from now; 0 for no objection. The framework
   *     only ever extends a cooldown, and ignores it if too few endpoints would be left.
   */
  long finished(Endpoint endpoint, Outcome outcome);

  /** The pool's members changed: forget the state of endpoints that are not in the list. */
  default void members(List<Endpoint> all) {}
}
