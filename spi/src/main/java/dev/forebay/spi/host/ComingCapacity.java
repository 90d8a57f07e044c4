package dev.forebay.spi.host;

import dev.forebay.spi.Registration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The capacity that is on its way to each pool: one number for the autoscaler, which says it, and
 * for queues, which count on it when they say when to come back and whom to refuse. Requests that
 * wait for a pool without members say so here, too: their arrival is what starts one. A gateway
 * lends one to its plugins; it is used on the gateway's timeline.
 */
public final class ComingCapacity {

  private final Map<String, Coming> pools = new LinkedHashMap<>();
  private final Map<String, Integer> awaited = new LinkedHashMap<>();
  private final Map<String, Runnable> starters = new LinkedHashMap<>();
  private final Map<String, Integer> rooms = new LinkedHashMap<>();

  /**
   * What is on its way to a pool.
   *
   * @param ready members that serve and are warm
   * @param coming members that were ordered and are not there, or not warm yet
   * @param atNanos when the first of those is expected to be warm or, if no member takes requests
   *     now, to take them; {@link Long#MAX_VALUE} if none comes
   * @param open whether any member takes requests now, warm or not
   */
  public record Coming(int ready, int coming, long atNanos, boolean open) {

    /** Nothing is known: no autoscaler adjusts the pool. */
    public static final Coming NONE = new Coming(0, 0, Long.MAX_VALUE, true);

    /** Whether nobody serves now, and what comes comes only after a time. */
    public boolean onlyAfter(long nanos) {
      return !open && coming > 0 && atNanos > nanos;
    }

    /**
     * How long it takes until so many requests have had their turn.
     *
     * @param intervalNanos between two turns at the present rate
     * @param now in nanoseconds
     * @return nanoseconds, at least 0
     */
    public double waitNanos(double intervalNanos, int requests, long now) {
      double wait = intervalNanos * requests;
      if (coming == 0) {
        return wait;
      }
      double until = Math.max(0, atNanos - now);
      if (!open) {
        return until;
      }
      double ahead = Math.max(0, wait - until);
      return Math.min(wait, until) + ahead * Math.max(1, ready) / (Math.max(1, ready) + coming);
    }
  }

  /** For one gateway. */
  public ComingCapacity() {}

  /** The autoscaler of a pool says what is on its way. */
  public void expect(String pool, Coming coming) {
    pools.put(pool, coming);
  }

  /** What is on its way to a pool. */
  public Coming of(String pool) {
    return pools.getOrDefault(pool, Coming.NONE);
  }

  /**
   * What is on its way to the pool of a part, such as {@code fast/admit}; of a part that stands
   * before all pools, such as {@code admit}, to all of them together.
   */
  public Coming to(String part) {
    int slash = part.indexOf('/');
    if (slash > 0) {
      return of(part.substring(0, slash));
    }
    return pools.values().stream()
        .reduce(
            (one, other) ->
                new Coming(
                    one.ready() + other.ready(),
                    one.coming() + other.coming(),
                    Math.min(one.atNanos(), other.atNanos()),
                    one.open() || other.open()))
        .orElse(Coming.NONE);
  }

  /** The autoscaler of a pool begins with a member when this is run. */
  public void starter(String pool, Runnable starter) {
    starters.put(pool, starter);
  }

  /**
   * Requests wait somewhere while no member of a pool takes requests.
   *
   * @return to be cancelled when they do so no more
   */
  public Registration room(String pool) {
    rooms.merge(pool, 1, Integer::sum);
    AtomicBoolean there = new AtomicBoolean(true);
    return () -> {
      if (there.getAndSet(false)) {
        rooms.computeIfPresent(pool, (name, count) -> count > 1 ? count - 1 : null);
      }
    };
  }

  /** Whether a pool without members takes requests: they wait, and their arrival starts one. */
  public boolean startable(String pool) {
    return starters.containsKey(pool) && rooms.containsKey(pool);
  }

  /** A request waits for a pool of which no member takes requests. */
  public void await(String pool) {
    awaited.merge(pool, 1, Integer::sum);
    starters.getOrDefault(pool, () -> {}).run();
  }

  /** It waits no longer. */
  public void over(String pool) {
    awaited.computeIfPresent(pool, (name, count) -> count > 1 ? count - 1 : null);
  }

  /** How many requests wait for a pool of which no member takes requests. */
  public int awaiting(String pool) {
    return awaited.getOrDefault(pool, 0);
  }
}
