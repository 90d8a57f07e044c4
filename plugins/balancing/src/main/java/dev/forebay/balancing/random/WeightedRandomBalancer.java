package dev.forebay.balancing.random;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.random.RandomGenerator;

/** A point on the line of all weights, drawn evenly, and whose weight it falls on. */
final class WeightedRandomBalancer implements Balancer {

  private final RandomGenerator random;

  WeightedRandomBalancer(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    double sum = 0;
    for (int i = 0; i < candidates.size(); i++) {
      sum += candidates.get(i).weight();
    }
    double point = random.nextDouble() * sum;
    int last = candidates.size() - 1;
    for (int i = 0; i < last; i++) {
      point -= candidates.get(i).weight();
      if (point < 0) {
        return candidates.get(i);
      }
    }
    return candidates.get(last);
  }
}
