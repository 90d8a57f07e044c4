package dev.forebay.redis.limits;

import dev.forebay.limiting.rate.Shareable.Filling;
import dev.forebay.limiting.rate.Shareable.Periodic;
import dev.forebay.limiting.rate.Shareable.Sliding;
import dev.forebay.limiting.rate.Shareable.Terms;
import dev.forebay.redis.RedisScript;
import java.util.List;

/**
 * How the store counts a limit: by which script, and with which numbers.
 *
 * @param script leases and settles
 * @param kind what counts of another kind do not have in their keys
 * @param most what is there if nothing is taken
 * @param numbers two further arguments
 */
record Counting(RedisScript script, String kind, long most, List<String> numbers) {

  /** Whole numbers up to here are exact in the store. */
  private static final long MOST = 1L << 52;

  private static final double MICRO = 1_000;
  private static final RedisScript BUCKET = script("bucket.lua");
  private static final RedisScript WINDOW = script("window.lua");
  private static final RedisScript QUOTA = script("quota.lua");

  private static RedisScript script(String file) {
    return RedisScript.of(Counting.class, "head.lua", file);
  }

  /**
   * How a limit is counted.
   *
   * @throws IllegalArgumentException if it is too large
   */
  static Counting of(Terms terms) {
    if (terms.most() > MOST) {
      throw new IllegalArgumentException(
          "limit: " + terms.most() + " units (expected: at most 2^52 of one that is shared)");
    }
    if (terms instanceof Filling filling) {
      List<String> rate =
          List.of(
              Long.toString(filling.rate().units()),
              Double.toString(filling.rate().nanos() / MICRO));
      return new Counting(BUCKET, "bucket", filling.most(), rate);
    } else if (terms instanceof Sliding sliding) {
      long micros = Math.ceilDiv(sliding.slotNanos(), (long) MICRO);
      return new Counting(
          WINDOW,
          "window-" + micros,
          sliding.most(),
          List.of(Long.toString(micros), Integer.toString(sliding.slots())));
    }
    Periodic periodic = (Periodic) terms;
    return new Counting(QUOTA, periodic.period(), periodic.most(), List.of(periodic.period(), "0"));
  }
}
