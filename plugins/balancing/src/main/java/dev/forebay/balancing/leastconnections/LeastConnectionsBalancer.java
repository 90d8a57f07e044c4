package dev.forebay.balancing.leastconnections;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/**
 * The least of in-flight requests over weight. Of equal ones it takes the first after the place of
 * its last choice, so that ties take turns and an idle pool does not wear out its first member.
 */
final class LeastConnectionsBalancer implements Balancer {

  private int last = -1;

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    int size = candidates.size();
    int bestIndex = Math.floorMod(last + 1, size);
    Endpoint best = candidates.get(bestIndex);
    for (int step = 2; step <= size; step++) {
      int index = Math.floorMod(last + step, size);
      Endpoint candidate = candidates.get(index);
      if (lessLoaded(candidate, best)) {
        best = candidate;
        bestIndex = index;
      }
    }
    last = bestIndex;
    return best;
  }

  /** Compares in-flight over weight without dividing: equal quotients stay equal. */
  private static boolean lessLoaded(Endpoint a, Endpoint b) {
    return a.inFlight() * b.weight() < b.inFlight() * a.weight();
  }
}
