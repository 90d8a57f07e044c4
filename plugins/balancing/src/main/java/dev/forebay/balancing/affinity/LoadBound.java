package dev.forebay.balancing.affinity;

import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/**
 * How much load affinity may put on an endpoint: a factor times its share, by weight, of what is
 * under way (V. Mirrokni, M. Thorup, M. Zadimoghaddam, Consistent Hashing with Bounded Loads, SODA
 * 2018), and at least a number of requests that are always fine, so that a quiet pool does not tear
 * sessions apart. Since shares add up to the whole, some endpoint always has room.
 */
public final class LoadBound {

  private final double factor;
  private final int always;
  private double perWeight;
  private int turn = -1;

  /**
   * A bound.
   *
   * @param factor times its share that an endpoint may have; at least 1
   * @param always requests in flight that an endpoint may have in any case; at least 1
   */
  public LoadBound(double factor, int always) {
    this.factor = factor;
    this.always = always;
  }

  /** Takes the load of the moment, for the calls of {@link #hasRoom} that follow. */
  public void measure(List<Endpoint> candidates) {
    double inFlight = 1; // with the request that is to be placed
    double weight = 0;
    for (int i = 0; i < candidates.size(); i++) {
      inFlight += candidates.get(i).inFlight();
      weight += candidates.get(i).weight();
    }
    perWeight = factor * inFlight / weight;
  }

  /** Whether an endpoint may take one more request. */
  public boolean hasRoom(Endpoint endpoint) {
    int inFlight = endpoint.inFlight();
    return inFlight < always || inFlight < Math.ceil(perWeight * endpoint.weight());
  }

  /** The candidate with the fewest requests in flight for its weight; ties take turns. */
  public Endpoint leastLoaded(List<Endpoint> candidates) {
    int size = candidates.size();
    int first = Math.floorMod(turn + 1, size);
    Endpoint best = candidates.get(first);
    int at = first;
    for (int step = 1; step < size; step++) {
      int index = (first + step) % size;
      Endpoint candidate = candidates.get(index);
      if (lessLoaded(candidate, best)) {
        best = candidate;
        at = index;
      }
    }
    turn = at;
    return best;
  }

  /** Whether one has fewer requests in flight for its weight; compared without dividing. */
  public static boolean lessLoaded(Endpoint one, Endpoint other) {
    return one.inFlight() * other.weight() < other.inFlight() * one.weight();
  }
}
