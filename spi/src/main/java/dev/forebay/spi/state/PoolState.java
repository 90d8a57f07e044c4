package dev.forebay.spi.state;

import java.util.List;

/**
 * The state of a pool.
 *
 * @param inFlight requests under way on all endpoints together
 * @param panic whether so few endpoints are healthy that cooldowns are ignored
 * @param endpoints all endpoints, in the order of the members
 * @param accounts those that are out, throttled, in doubt, or at a limit
 */
public record PoolState(
    int inFlight, boolean panic, List<EndpointFigures> endpoints, List<AccountFigures> accounts)
    implements PartState {

  /** Copies. */
  public PoolState {
    endpoints = List.copyOf(endpoints);
    accounts = List.copyOf(accounts);
  }
}
