package dev.forebay.limiting.slidingwindow;

/**
 * A limit within a time.
 *
 * @param limit units in the window
 * @param slotNanos nanoseconds of a slot
 */
public record WindowSize(long limit, long slotNanos) {

  /** Slots of a window. */
  static final int SLOTS = 64;

  /** A limit within some nanoseconds, rounded up to whole slots. */
  static WindowSize of(long limit, long windowNanos) {
    return new WindowSize(limit, Math.ceilDiv(windowNanos, (long) SLOTS));
  }

  long slot(long now) {
    return now / slotNanos;
  }

  /** When a slot is no longer in the window. */
  long gone(long slot) {
    return (slot + SLOTS + 1) * slotNanos;
  }
}
