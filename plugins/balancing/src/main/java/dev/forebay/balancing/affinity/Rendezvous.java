package dev.forebay.balancing.affinity;

import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/**
 * Highest random weight hashing: each key ranks all endpoints, and takes the first that has room
 * (D. Thaler and C. Ravishankar, Using Name-Based Mappings to Increase Hit Rates, IEEE/ACM ToN
 * 6(1), 1998; weights after J. Resch, New Hashing Algorithms for Data Storage, 2015). Where an
 * endpoint comes, goes or changes its weight, only the keys that must move do.
 *
 * <p>Rejected: a ring of points (Karger et al., STOC 1997). It would be built anew at each step of
 * a slow start, and needs hundreds of points for each endpoint to spread keys as evenly.
 */
public final class Rendezvous {

  private static final long OFFSET = 0xCBF29CE484222325L;
  private static final long PRIME = 0x100000001B3L;
  private static final double UNIT = 0x1p-53;

  private Rendezvous() {}

  /**
   * The endpoint of a key.
   *
   * @param bound measured for these candidates; those without room are passed over
   */
  public static Endpoint choose(long key, List<Endpoint> candidates, LoadBound bound) {
    Endpoint best = null;
    double most = 0;
    for (int i = 0; i < candidates.size(); i++) {
      Endpoint candidate = candidates.get(i);
      double score = score(key, candidate);
      if ((best == null || score > most) && bound.hasRoom(candidate)) {
        best = candidate;
        most = score;
      }
    }
    return best == null ? bound.leastLoaded(candidates) : best;
  }

  /** The weight over an exponential variate: the greatest of all is each one's by its weight. */
  private static double score(long key, Endpoint endpoint) {
    double unit = ((mix(key ^ hash(endpoint.id())) >>> 11) + 0.5) * UNIT;
    return endpoint.weight() / -Math.log(unit);
  }

  /** A hash of a text: FNV-1a over its characters (G. Fowler, L. Noll, K.-P. Vo), then mixed. */
  public static long hash(String text) {
    long hash = OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
    return mix(hash);
  }

  /** Spreads the bits of a number: the finalizer of SplitMix64 (Steele et al., OOPSLA 2014). */
  public static long mix(long value) {
    long z = value;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
