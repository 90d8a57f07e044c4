package dev.forebay.redis;

import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * Keeps requests from waiting for a store that does not answer: after some failures in a row
 * nothing is asked, until a probe has gone well. No request is the probe: the first one that comes
 * after the pause sets one off, and goes on without waiting for it. So a store that is gone costs
 * the bound on a wait a few times, then nothing, and without requests nothing is scheduled.
 */
final class Circuit {

  private final int failures;
  private final long pauseNanos;
  private final Timeline timeline;
  private final Counter opened;
  private final Supplier<Future<Void>> probe;
  private int inARow;
  private boolean open;
  private boolean probing;
  private long openUntilNanos;

  /**
   * A closed circuit.
   *
   * @param failures in a row that open it, at least 1
   * @param pauseNanos from a failure to the next probe
   * @param probe whether it may close; bounded in time by whoever makes it
   */
  Circuit(
      int failures,
      long pauseNanos,
      Timeline timeline,
      Counter opened,
      Supplier<Future<Void>> probe) {
    this.failures = failures;
    this.pauseNanos = pauseNanos;
    this.timeline = timeline;
    this.opened = opened;
    this.probe = probe;
  }

  /** Whether the store may be asked now; may set off a probe. */
  boolean closed() {
    if (open && !probing && timeline.nanos() >= openUntilNanos) {
      probing = true;
      probe.get().onComplete(result -> probed(result.succeeded()));
    }
    return !open;
  }

  /** The store answered. */
  void succeeded() {
    inARow = 0;
  }

  /** The store did not answer. */
  void failed() {
    inARow++;
    if (!open && inARow >= failures) {
      open = true;
      opened.increment();
      rest();
    }
  }

  private void probed(boolean well) {
    probing = false;
    open = !well;
    inARow = 0;
    rest();
  }

  private void rest() {
    openUntilNanos = timeline.nanos() + pauseNanos;
  }

  /** Whether it is open, for figures. */
  boolean isOpen() {
    return open;
  }
}
