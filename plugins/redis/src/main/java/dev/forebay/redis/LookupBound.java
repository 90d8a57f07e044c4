package dev.forebay.redis;

import dev.forebay.spi.PromptKey;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long a lookup may take: a twentieth of what a miss costs, for one that is late by as much
 * adds little to an answer that has to be made. A miss costs the time from its lookup to the answer
 * that is then stored, smoothed over about the last eight. The bound is never below that of the
 * options, which is also that of a cache that has not seen a miss yet, and never above {@value
 * #CEILING_MILLIS} ms unless the options' own is: so long the first lookups of a server that stands
 * still wait.
 */
final class LookupBound {

  static final long CEILING_MILLIS = 100;
  private static final long CEILING_NANOS = CEILING_MILLIS * 1_000_000;

  /** A lookup may cost this part of a miss. */
  private static final long PART = 20;

  /** Each miss counts for this part of the mean. */
  private static final long WEIGHT = 8;

  /** Of more misses that wait for their answers, the oldest are forgotten. */
  private static final int MOST_MISSES = 1_000;

  private final long leastNanos;
  private final Map<PromptKey, Long> misses =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PromptKey, Long> eldest) {
          return size() > MOST_MISSES;
        }
      };
  private long costNanos;

  /**
   * A bound.
   *
   * @param leastNanos above 0
   */
  LookupBound(long leastNanos) {
    this.leastNanos = leastNanos;
  }

  /** In nanoseconds. */
  long nanos() {
    return Math.max(leastNanos, Math.min(CEILING_NANOS, costNanos / PART));
  }

  /** Nothing was found, or not in time. */
  void missed(PromptKey key, long now) {
    misses.put(key, now);
  }

  /** There is an answer, so that none has to be made. */
  void found(PromptKey key) {
    misses.remove(key);
  }

  /** An answer is there; it was made if its lookup was a miss. */
  void stored(PromptKey key, long now) {
    Long since = misses.remove(key);
    if (since != null) {
      long took = now - since;
      costNanos = costNanos == 0 ? took : costNanos + (took - costNanos) / WEIGHT;
    }
  }
}
