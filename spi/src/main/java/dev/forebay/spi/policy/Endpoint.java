package dev.forebay.spi.policy;

import dev.forebay.spi.Outcome;

/**
 * A member of a pool as balancers and health policies see it, with figures that the framework
 * keeps: the same for every balancer, counted at the pick and given back with the {@link Outcome}.
 * One object lives as long as the member does, through changes of its neighbours.
 */
public interface Endpoint {

  /** Unique in the pool. */
  String id();

  /** Whose account it spends; endpoints of one account share its limits and its balance. */
  String account();

  /**
   * Whether its account has as many requests in flight as it takes. The endpoint is then no
   * candidate while others are; the next request may find it again.
   */
  default boolean accountFull() {
    return false;
  }

  /** Its priority group: 0 serves first, higher numbers only when lower ones cannot. */
  int group();

  /** Its share of the work, relative to others; above 0. */
  double weight();

  /** Requests sent and not yet over. */
  int inFlight();

  /** Tokens of those requests: prompts, and the bounds on answers, if known. */
  long inFlightTokens();

  /** Smoothed time to the first content, in nanoseconds; 0 while there is no sample. */
  long firstContentNanos();

  /** Share of requests that ended unhealthy, 0 to 1, decaying with time. */
  double errorRate();

  /** Load that the backend reports of itself, 0 (idle) to 1 (full) and above; NaN if unknown. */
  double reportedLoad();

  /** Age of {@link #reportedLoad()}, in nanoseconds; {@link Long#MAX_VALUE} if unknown. */
  long reportedLoadAgeNanos();
}
