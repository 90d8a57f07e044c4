package dev.forebay.spi;

/**
 * Time, and one thread of execution that goes with it: a Vert.x context in production, a queue of
 * events in a virtual replay. Whatever is scheduled on a timeline runs on its thread, one at a
 * time.
 */
public interface Timeline {

  /** Monotonic time in nanoseconds, from an arbitrary origin; at least 0. */
  long nanos();

  /** Wall-clock time in milliseconds since 1970 UTC; may jump. For prices and stored stamps. */
  long epochMillis();

  /**
   * Runs an action later, once.
   *
   * @param delayNanos nanoseconds from now; 0 or less means as soon as possible, but never within
   *     this call
   */
  Registration after(long delayNanos, Runnable action);

  /** Runs an action on this timeline's thread: at once where this is it, else soon, in order. */
  void execute(Runnable action);
}
