package dev.forebay.replay.trace;

import java.util.Arrays;
import java.util.Locale;

/**
 * Spreads arrivals that were recorded coarsely, evenly and by chance, over the bucket that their
 * stamp stands for: else the burstiness is an artefact of the recording. Order is kept.
 */
final class Buckets {
  private final long widthNanos;
  private final boolean wholeOnly;
  private final Draws draws;

  private Buckets(long widthNanos, boolean wholeOnly, long seed) {
    this.widthNanos = widthNanos;
    this.wholeOnly = wholeOnly;
    this.draws = new Draws(seed, "buckets");
  }

  /** For traces of which at least half of the requests share their stamp with the one before. */
  static Buckets whereShared(long widthNanos, long seed) {
    return new Buckets(widthNanos, false, seed);
  }

  /** For traces whose stamps are all whole multiples of the width. */
  static Buckets whereWhole(long widthNanos, long seed) {
    return new Buckets(widthNanos, true, seed);
  }

  boolean applyTo(long[] stamps) {
    if (wholeOnly) {
      return Arrays.stream(stamps).allMatch(stamp -> stamp % widthNanos == 0);
    }
    int shared = 0;
    for (int i = 1; i < stamps.length; i++) {
      shared += stamps[i] == stamps[i - 1] ? 1 : 0;
    }
    return shared * 2 >= stamps.length;
  }

  /** Spreads sorted stamps in place; none passes the next distinct stamp. */
  void spread(long[] stamps) {
    int from = 0;
    while (from < stamps.length) {
      int to = from + 1;
      while (to < stamps.length && stamps[to] == stamps[from]) {
        to++;
      }
      long width =
          to < stamps.length ? Math.min(widthNanos, stamps[to] - stamps[from]) : widthNanos;
      for (int i = from; i < to; i++) {
        stamps[i] += draws.below(width);
      }
      Arrays.sort(stamps, from, to);
      from = to;
    }
  }

  String note() {
    return String.format(
        Locale.ROOT,
        "arrivals were recorded in steps of %s s; spread evenly inside each step",
        Numbers.plain(widthNanos / 1e9));
  }
}
