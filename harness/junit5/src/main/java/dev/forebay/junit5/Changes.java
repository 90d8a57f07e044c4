package dev.forebay.junit5;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Wakes a test when something has happened. A condition is looked at after each event, and again
 * after a while without any: what comes after the last event (the last byte leaves, a count goes
 * down on another event loop) has no event of its own.
 */
final class Changes {

  private static final long LOOK_AGAIN_NANOS = 20_000_000;

  private long happened;

  /** Something happened. From any thread. */
  synchronized void happened() {
    happened++;
    notifyAll();
  }

  /** Waits until a condition holds; false where it does not in time. Not on an event loop. */
  boolean await(BooleanSupplier condition, Duration bound) {
    long end = System.nanoTime() + bound.toNanos();
    while (true) {
      long seen = seen();
      if (condition.getAsBoolean()) {
        return true;
      }
      long now = System.nanoTime();
      if (now - end >= 0) {
        return false;
      }
      next(seen, Math.min(end, now + LOOK_AGAIN_NANOS));
    }
  }

  private synchronized long seen() {
    return happened;
  }

  /** Waits for the next event, or a time. */
  private synchronized void next(long seen, long untilNanos) {
    try {
      long left = untilNanos - System.nanoTime();
      while (happened == seen && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = untilNanos - System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the gateway", e);
    }
  }
}
