package dev.forebay.balancing.leastoutstandingtokens;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/**
 * The least of tokens under way, this request's included, over weight. Of equal ones it takes the
 * first after the place of its last choice.
 */
final class LeastOutstandingTokensBalancer implements Balancer {

  private final int assumedOutput;
  private int last = -1;

  LeastOutstandingTokensBalancer(int assumedOutput) {
    this.assumedOutput = assumedOutput;
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    double own = (double) request.promptTokens() + request.maxOutputTokens() + assumedOutput;
    int size = candidates.size();
    int bestIndex = Math.floorMod(last + 1, size);
    double least = load(candidates.get(bestIndex), own);
    for (int step = 2; step <= size; step++) {
      int index = Math.floorMod(last + step, size);
      double load = load(candidates.get(index), own);
      if (load < least) {
        least = load;
        bestIndex = index;
      }
    }
    last = bestIndex;
    return candidates.get(bestIndex);
  }

  private double load(Endpoint endpoint, double own) {
    double assumed = (double) assumedOutput * endpoint.inFlight();
    return (endpoint.inFlightTokens() + assumed + own) / endpoint.weight();
  }
}
