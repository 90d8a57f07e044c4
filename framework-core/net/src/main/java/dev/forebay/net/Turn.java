package dev.forebay.net;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;

/** The channels of one event loop that wait for the end of its turn. */
final class Turn implements Runnable {

  private static final FastThreadLocal<Turn> CURRENT =
      new FastThreadLocal<>() {
        @Override
        protected Turn initialValue() {
          return new Turn();
        }
      };

  private final ArrayDeque<DeferredFlush> waiting =
      new ArrayDeque<>(2 * FlushConsolidation.MOST_WAITING);
  private boolean scheduled;
  private boolean flushing;

  private Turn() {}

  /** That of the calling thread, which is an event loop's. */
  static Turn current() {
    return CURRENT.get();
  }

  void add(DeferredFlush channel, EventExecutor loop) {
    if (loop.isShuttingDown()) {
      channel.flushNow(); // perhaps there is no further turn
      return;
    }
    waiting.add(channel);
    if (!scheduled) {
      scheduled = true;
      loop.execute(this);
    }
    if (waiting.size() >= FlushConsolidation.MOST_WAITING) {
      flush();
    }
  }

  @Override
  public void run() {
    scheduled = false;
    flush();
  }

  /**
   * Flushes those that wait now. A flush may end a write, upon which more is written: that is the
   * next turn's.
   */
  private void flush() {
    if (flushing) {
      return;
    }
    flushing = true;
    try {
      for (int left = waiting.size(); left > 0; left--) {
        waiting.remove().flushNow();
      }
    } finally {
      flushing = false;
    }
  }
}
