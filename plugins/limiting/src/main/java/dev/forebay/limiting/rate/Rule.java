package dev.forebay.limiting.rate;

import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What a limiter counts, and by which arithmetic.
 *
 * @param <L> what describes the limit
 */
public interface Rule<L> {

  /** The limit of those who have none of their own. */
  L limit();

  /** Limits of their own, by key. */
  Map<String, L> own();

  /**
   * The limit of so many requests, tokens or US dollars in its time.
   *
   * @throws IllegalArgumentException if it is out of bounds
   */
  L limit(double quota);

  /** A new meter. */
  Meter<L> meter(L limit, long now);

  /**
   * A new meter for a key.
   *
   * @param key whose meter it is; keys that share one have a key of their own for it
   */
  default Meter<L> meter(String key, L limit, long now) {
    return meter(limit, now);
  }

  /**
   * What decides which keys share a meter; unknown to callers, unless gateways must agree on it.
   */
  default long salt(RandomGenerator chance) {
    return chance.nextLong();
  }
}
