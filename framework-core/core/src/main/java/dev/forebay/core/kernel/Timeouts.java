package dev.forebay.core.kernel;

import dev.forebay.spi.Registration;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one event loop that are nearly always taken back: timeouts.
 *
 * <p>Requests wait for the same few lengths of time over and over. Timers of one length expire in
 * the order in which they were set, so each length has a linked list, of which only the first entry
 * needs a timer of the event loop's: setting one and taking it back costs a node, where the loop's
 * queue costs a heap of all that are set. Expiry is exact, not rounded to ticks as in a wheel
 * (Varghese and Lauck, 1987).
 *
 * <p>The lengths are bounded: one more takes the place of a list that is empty, or else gets a
 * timer of the loop's own.
 */
final class Timeouts {

  /** Timers that expire in one turn of the event loop: its connections come between. */
  static final int TURN = 64;

  private static final int MAX_LENGTHS = 16;
  private static final FastThreadLocal<Timeouts> OF_THREAD = new FastThreadLocal<>();

  private final EventLoop loop;
  private final Line[] lines = new Line[MAX_LENGTHS];
  private int used;

  private Timeouts(EventLoop loop) {
    this.loop = loop;
  }

  /** Those of an event loop; on its thread only. */
  static Timeouts of(EventLoop loop) {
    Timeouts timeouts = OF_THREAD.get();
    if (timeouts == null) {
      timeouts = new Timeouts(loop);
      OF_THREAD.set(timeouts);
    }
    return timeouts;
  }

  /**
   * Runs an action later on a context of this event loop.
   *
   * @param delayNanos above 0
   * @return takes it back, from any thread; null where all lists are taken
   */
  @Nullable Registration after(long delayNanos, ContextInternal context, Runnable action) {
    Line line = line(delayNanos);
    return line == null ? null : line.add(context, action);
  }

  private @Nullable Line line(long delayNanos) {
    Line empty = null;
    for (int i = 0; i < used; i++) {
      Line line = lines[i];
      if (line.delayNanos == delayNanos) {
        return line;
      }
      if (line.first == null && !line.armed) {
        empty = line;
      }
    }
    if (used < MAX_LENGTHS) {
      Line line = new Line(delayNanos);
      lines[used++] = line;
      return line;
    }
    if (empty != null) {
      empty.delayNanos = delayNanos;
    }
    return empty;
  }

  /** All timers of one length, the earliest first. */
  private final class Line implements Runnable {
    private long delayNanos;
    private @Nullable Entry first;
    private @Nullable Entry last;
    private boolean armed;

    Line(long delayNanos) {
      this.delayNanos = delayNanos;
    }

    Entry add(ContextInternal context, Runnable action) {
      Entry entry = new Entry(this, VertxTimeline.clock() + delayNanos, context, action);
      Entry before = last;
      entry.previous = before;
      last = entry;
      if (before == null) {
        first = entry;
        if (!armed) {
          arm(delayNanos);
        }
      } else {
        before.next = entry;
      }
      return entry;
    }

    private void arm(long nanos) {
      armed = true;
      loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * The first entry of some time ago would be due: it may have been taken back since. What comes
     * due while this runs, and what is more than a turn's share, waits for another turn.
     */
    @Override
    public void run() {
      armed = false;
      long now = VertxTimeline.clock();
      Entry entry = first;
      for (int i = 0; i < TURN && entry != null && entry.dueNanos - now <= 0; i++) {
        unlink(entry);
        entry.fire();
        entry = first;
      }
      if (entry != null && !armed) {
        arm(Math.max(1, entry.dueNanos - VertxTimeline.clock()));
      }
    }

    private void unlink(Entry entry) {
      Entry before = entry.previous;
      Entry after = entry.next;
      if (before != null) {
        before.next = after;
      } else if (first == entry) {
        first = after;
      } else {
        return; // unlinked before
      }
      if (after != null) {
        after.previous = before;
      } else {
        last = before;
      }
      entry.previous = null;
      entry.next = null;
    }
  }

  private final class Entry implements Registration {
    private final Line line;
    private final long dueNanos;
    private final ContextInternal context;
    private volatile @Nullable Runnable action;
    private @Nullable Entry previous;
    private @Nullable Entry next;

    Entry(Line line, long dueNanos, ContextInternal context, Runnable action) {
      this.line = line;
      this.dueNanos = dueNanos;
      this.context = context;
      this.action = action;
    }

    void fire() {
      Runnable left = action;
      if (left != null) {
        action = null;
        context.dispatch(left);
      }
    }

    /** From another thread the entry only loses its action; it leaves the list when it is due. */
    @Override
    public void cancel() {
      if (action != null) {
        action = null;
        if (loop.inEventLoop()) {
          line.unlink(this);
        }
      }
    }
  }
}
