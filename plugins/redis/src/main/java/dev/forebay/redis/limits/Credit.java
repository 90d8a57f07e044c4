package dev.forebay.redis.limits;

import java.util.ArrayDeque;

/** Units that were leased and may be used until their time is over, the oldest first. */
final class Credit {

  private static final int MOST_BATCHES = 8;

  private final ArrayDeque<Batch> batches = new ArrayDeque<>();
  private long units;

  /** What came with one answer. */
  private static final class Batch {
    private final long stamp;
    private final long endNanos;
    private long units;

    Batch(long stamp, long units, long endNanos) {
      this.stamp = stamp;
      this.units = units;
      this.endNanos = endNanos;
    }
  }

  long units() {
    return units;
  }

  /** Whether there is room for another answer. */
  boolean room() {
    return batches.size() < MOST_BATCHES;
  }

  void add(long stamp, long more, long endNanos) {
    if (more > 0) {
      batches.add(new Batch(stamp, more, endNanos));
      units += more;
    }
  }

  /**
   * Takes of what there is, which is enough.
   *
   * @return the oldest stamp of what was taken; 0 if that is nothing
   */
  long take(long amount) {
    long stamp = batches.isEmpty() ? 0 : batches.peek().stamp;
    units -= amount;
    for (long missing = amount; missing > 0; ) {
      Batch oldest = batches.element();
      long taken = Math.min(missing, oldest.units);
      oldest.units -= taken;
      missing -= taken;
      if (oldest.units == 0) {
        batches.remove();
      }
    }
    return stamp;
  }

  /** Gives back what may no longer be used. */
  void expire(long now, Settling settling) {
    while (!batches.isEmpty() && batches.element().endNanos <= now) {
      Batch over = batches.remove();
      units -= over.units;
      settling.giveBack(over.stamp, over.units);
    }
  }
}
