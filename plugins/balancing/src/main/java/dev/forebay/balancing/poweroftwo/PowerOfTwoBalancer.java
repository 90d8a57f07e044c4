package dev.forebay.balancing.poweroftwo;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Two distinct candidates, each pair equally likely, and of them the one with fewer in-flight
 * requests for its weight; the first drawn where they are equal, which is a toss of its own.
 */
final class PowerOfTwoBalancer implements Balancer {

  private final RandomGenerator random;

  PowerOfTwoBalancer(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    int size = candidates.size();
    if (size == 1) {
      return candidates.get(0);
    }
    int first = random.nextInt(size);
    int second = random.nextInt(size - 1);
    if (second >= first) {
      second++;
    }
    Endpoint one = candidates.get(first);
    Endpoint other = candidates.get(second);
    return lessLoaded(other, one) ? other : one;
  }

  /** Compares in-flight over weight without dividing: equal quotients stay equal. */
  private static boolean lessLoaded(Endpoint a, Endpoint b) {
    return a.inFlight() * b.weight() < b.inFlight() * a.weight();
  }
}
