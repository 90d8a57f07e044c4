package dev.forebay.limiting.rate;

import dev.forebay.spi.metrics.Counter;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A meter for each key, and a bound on them. Whenever one is made, the two that were looked at
 * least recently are looked at, and go if nothing is taken: they are then as good as new ones. If
 * the table is full all the same, new keys share meters by their hash, so that a flood of keys
 * makes nobody forget, and no new key is refused, or let through, for being unknown.
 *
 * @param <L> what describes the limit
 */
final class Meters<L> {

  private static final int SWEEP = 2;
  private static final int SHARED_BITS = 10;
  private static final String SHARED = "\n\n"; // no key of a caller begins so

  private final Rule<L> rule;
  private final int most;
  private final Counter sharing;
  private final RandomGenerator chance;
  private final Map<String, Meter<L>> own = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Meter<L>> shared = new LinkedHashMap<>();
  private long salt;

  /**
   * An empty table of so many keys at most.
   *
   * @param sharing counts requests of keys that share a meter
   * @param chance makes it unknown which keys those are
   */
  Meters(Rule<L> rule, int most, Counter sharing, RandomGenerator chance) {
    this.rule = rule;
    this.most = most;
    this.sharing = sharing;
    this.chance = chance;
  }

  int size() {
    return own.size();
  }

  /**
   * The meter of a key, of its own or shared; null if there is none yet.
   *
   * @param limit names the limit of the key: only keys of one limit share a meter
   */
  @Nullable Meter<L> known(String key, String limit) {
    Meter<L> known = own.get(key);
    return known != null || own.size() < most ? known : shared.get(place(key, limit));
  }

  /**
   * The meter of a key that asks; a new one if there is none yet.
   *
   * @param limit names the limit of the key
   * @param holds the limit
   */
  Meter<L> of(String key, String limit, L holds, long now) {
    Meter<L> known = own.get(key);
    if (known != null) {
      return known;
    }
    sweep(now);
    if (own.size() < most) {
      Meter<L> fresh = rule.meter(key, holds, now);
      own.put(key, fresh);
      return fresh;
    }
    sharing.increment();
    return shared.computeIfAbsent(
        place(key, limit), place -> rule.meter(SHARED + place, holds, now));
  }

  /** A full table goes past those that something is taken of: one may owe for years. */
  private void sweep(long now) {
    for (int i = 0; i < SWEEP && !own.isEmpty(); i++) {
      Iterator<Map.Entry<String, Meter<L>>> all = own.entrySet().iterator();
      Map.Entry<String, Meter<L>> eldest = all.next();
      if (eldest.getValue().dispensable(now)) {
        all.remove();
      } else if (own.size() >= most) {
        own.get(eldest.getKey()); // puts it to the end
      } else {
        return;
      }
    }
  }

  private String place(String key, String limit) {
    if (salt == 0) {
      salt = rule.salt(chance) | 1;
    }
    long hash = (key.hashCode() ^ salt) * 0x9e3779b97f4a7c15L;
    return (hash >>> (Long.SIZE - SHARED_BITS)) + " " + limit;
  }
}
