package dev.forebay.core;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Room for what recordings hold together, in bytes; from any thread. A bound for each answer alone
 * is none for thousands that are open at once.
 */
public final class RecordingRoom {

  private final long bound;
  private final AtomicLong taken = new AtomicLong();

  /** Room for so many bytes. */
  public RecordingRoom(long bound) {
    this.bound = bound;
  }

  /** Takes some of it, and says whether that much was left; if not, nothing is taken. */
  boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= bound) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** What is taken now. */
  public long taken() {
    return taken.get();
  }
}
