package dev.forebay.limiting.rate;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.policy.RateLimiter;
import java.util.function.LongSupplier;

/**
 * A limit that may be counted in a store that several gateways share.
 *
 * @param <L> what describes the limit
 */
public interface Shareable<L> extends Limit {

  /** What it has in common with other limits. */
  KeyedLimiter.Setup setup();

  /** What is counted, and by which arithmetic. */
  Rule<L> rule();

  /** Nanoseconds of its time. */
  LongSupplier clock(PluginContext context);

  /** A limit in the terms of a store. */
  Terms terms(L limit);

  /**
   * A share of a limit, in the same time; at least one unit.
   *
   * @param share above 0, at most 1
   */
  L share(L limit, double share);

  /** A limiter that counts in this gateway. */
  default RateLimiter counting(PluginContext context) {
    return new KeyedLimiter<>(setup(), rule(), clock(context), context);
  }

  /** A share of an amount; at least 1. */
  static long partOf(long amount, double share) {
    return Math.max(1, (long) Math.floor(amount * share));
  }

  /** A limit as a store counts it, in whole units. */
  sealed interface Terms {

    /** What is there if nothing is taken. */
    long most();
  }

  /**
   * A bucket that fills.
   *
   * @param rate how fast
   */
  record Filling(Ratio rate, long most) implements Terms {}

  /**
   * A window that slides.
   *
   * @param slotNanos nanoseconds of a slot
   * @param slots slots of the window
   */
  record Sliding(long most, long slotNanos, int slots) implements Terms {}

  /**
   * A period of the calendar, in UTC.
   *
   * @param period {@code hour}, {@code day} or {@code month}
   */
  record Periodic(long most, String period) implements Terms {}
}
