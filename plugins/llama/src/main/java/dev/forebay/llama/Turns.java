package dev.forebay.llama;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets the readers of an engine's answers wait in the engine one after the other.
 *
 * <p>The binding's readers share one queue, and each of them spins for as long as it holds a result
 * of another: with four answers at once they took a quarter of two cores from the engine. The
 * results of a step come in the order of the slots, so readers that take turns in the order in
 * which they came find theirs, and nobody spins. Whose turn it is may be left without a result, for
 * its text is held back (half a character, the beginning of a stop text). So a turn is waited for
 * with patience, a few steps long, and then the others go ahead until it is over.
 */
final class Turns {

  private static final int PATIENT_TURNS = 8;
  private static final int SMOOTHING = 16;
  private static final long LEAST_PATIENCE_NANOS = 1_000_000L;
  private static final long MOST_PATIENCE_NANOS = 1_000_000_000L;

  private final ReentrantLock turn = new ReentrantLock(true); // fair: first come, first served
  private final long leastPatienceNanos;
  private volatile boolean held; // somebody's turn lasts longer than the others' patience
  private volatile long meanNanos = MOST_PATIENCE_NANOS / PATIENT_TURNS; // changed in a turn only

  Turns() {
    this(LEAST_PATIENCE_NANOS);
  }

  /** With another least patience, for tests whose readers the machine may keep waiting. */
  Turns(long leastPatienceNanos) {
    this.leastPatienceNanos = leastPatienceNanos;
  }

  /** Reads in its turn, or without one where that of another lasts too long. */
  <T> T read(Supplier<T> reading) {
    if (!mine()) {
      return reading.get();
    }
    long began = System.nanoTime();
    try {
      return reading.get();
    } finally {
      held = false;
      learn(System.nanoTime() - began);
      turn.unlock();
    }
  }

  private boolean mine() {
    if (held && turn.isLocked()) {
      return false;
    }
    try {
      long patience =
          Math.max(leastPatienceNanos, Math.min(meanNanos * PATIENT_TURNS, MOST_PATIENCE_NANOS));
      boolean mine = turn.tryLock(patience, TimeUnit.NANOSECONDS);
      if (!mine) {
        held = true;
      }
      return mine;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** A moving mean; of two readers and more, one waits for a step and the others for nothing. */
  private void learn(long nanos) {
    long mean = meanNanos;
    meanNanos = mean + (nanos - mean) / SMOOTHING;
  }
}
