package dev.forebay.servers;

import java.io.IOException;
import java.time.Duration;

/** Waiting for what another process does: there is nothing but to ask again. */
final class Waiting {

  private static final long POLL_MILLIS = 10;

  private Waiting() {}

  /** A condition that may fail to be asked for as yet. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }

  /**
   * Waits until a condition holds; where asking fails, it does not as yet.
   *
   * @throws IOException where it does not in time, with what asking failed with
   */
  static void until(Duration most, Condition condition) throws IOException {
    long end = System.nanoTime() + most.toNanos();
    IOException last = null;
    while (System.nanoTime() < end) {
      try {
        if (condition.holds()) {
          return;
        }
      } catch (IOException e) {
        last = e;
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    throw new IOException("not within " + most, last);
  }
}
