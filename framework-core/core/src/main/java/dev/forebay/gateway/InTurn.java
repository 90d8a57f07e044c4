package dev.forebay.gateway;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/** What a pool without a balancer does: one after the other. */
final class InTurn implements Balancer {
  private int turn;

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    return candidates.get(Math.floorMod(turn++, candidates.size()));
  }
}
