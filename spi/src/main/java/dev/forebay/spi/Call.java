package dev.forebay.spi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The live half of a request. It ends once, from any thread: when its owner is done with it, when
 * the caller left, or when a deadline passed. A child ends with its parent, not the parent with the
 * child.
 *
 * <p>It exists because futures cannot be cancelled: a request whose caller has gone must leave the
 * queue and stop the backend. The code that makes a call ends it, also after a good answer; that
 * releases all its listeners.
 */
public final class Call {

  /** Listeners that are kept before those that were taken back are looked for. */
  private static final int FIRST_SWEEP = 32;

  private final Timeline timeline;
  private final @Nullable Call above;
  private @Nullable Registration parent;
  private @Nullable Listener first;
  private int listeners;
  private int sweepAt = FIRST_SWEEP;
  private volatile @Nullable Failure reason;
  private volatile @Nullable Reached reached;
  private volatile @Nullable Call awaited;

  /** Set before the call is given to anybody, so it needs no care of its own. */
  private @Nullable RequestSpan span;

  /** Set as the span is. */
  private @Nullable Consumer<Call> toldOfApart;

  /** Set as the span is. */
  private boolean kept;

  private Call(Timeline timeline, @Nullable Call above, @Nullable RequestSpan span) {
    this.timeline = timeline;
    this.above = above;
    this.span = span;
  }

  /**
   * A call of its own.
   *
   * @param timeline the request's {@linkplain Timeline timeline}: its filters, its chunks and its
   *     timers run there
   */
  public static Call root(Timeline timeline) {
    return new Call(timeline, null, null);
  }

  /**
   * A call that neither ends with this one nor ends it, for work that others wait for as well. Its
   * timeline and its span are those of this one.
   */
  public Call apart() {
    Call made = new Call(timeline, null, span);
    made.kept = isKept();
    Consumer<Call> told = null;
    for (Call call = this; call != null && told == null; call = call.above) {
      told = call.toldOfApart;
    }
    if (told != null) {
      made.toldOfApart = told;
      told.accept(made);
    }
    return made;
  }

  /**
   * Sets who is told of each call that is made {@linkplain #apart} of it, of a child of it, or of
   * such a call: they may outlast it. Before it is given to anybody.
   */
  public void onApart(Consumer<Call> told) {
    toldOfApart = told;
  }

  /**
   * Says that its owner keeps the request and may send it again, as jobs do: a failure of this call
   * is not the last word on it. Before it is given to anybody.
   */
  public void keep() {
    kept = true;
  }

  /** Whether the owner of this call, or of one above it, keeps the request. */
  public boolean isKept() {
    return kept || (above != null && above.isKept());
  }

  /** The request's timeline. */
  public Timeline timeline() {
    return timeline;
  }

  /** The span that is told what happens to the request; null if nobody traces it. */
  public @Nullable RequestSpan span() {
    return span;
  }

  /** Traces it, and the calls that are made of it from now on. Before it is given to anybody. */
  public void trace(RequestSpan told) {
    span = told;
  }

  /** Whether it has ended. */
  public boolean ended() {
    return reason != null;
  }

  /** Why it ended; null while it has not. */
  public @Nullable Failure reason() {
    return reason;
  }

  /**
   * Runs an action when the call ends, on the thread that ends it; at once if it has ended.
   *
   * @return takes the action back; do so when what it would stop has ended by itself
   */
  public Registration onEnd(Runnable action) {
    synchronized (this) {
      if (reason == null) {
        if (listeners == sweepAt) {
          sweep();
        }
        Listener listener = new Listener(action, first);
        first = listener;
        listeners++;
        return listener;
      }
    }
    action.run();
    return Registration.NONE;
  }

  /** Removes the listeners that were taken back; again when there are twice as many. */
  private void sweep() {
    Listener last = null;
    listeners = 0;
    for (Listener each = first; each != null; each = each.next) {
      if (!each.takenBack()) {
        listeners++;
        if (last == null) {
          first = each;
        } else {
          last.next = each;
        }
        last = each;
      }
    }
    if (last == null) {
      first = null;
    } else {
      last.next = null;
    }
    sweepAt = Math.max(FIRST_SWEEP, 2 * listeners);
  }

  /**
   * Notes that it, or a child of it, was given to an endpoint. The maker of a call above can then
   * tell a request that is queued in the gateway from one whose endpoint is slow.
   */
  public void reached(String endpoint) {
    Reached now = new Reached(endpoint, timeline.nanos());
    for (Call call = this; call != null; call = call.above) {
      call.reached = now;
      if (call.awaited != null) {
        call.awaited = null;
      }
    }
  }

  /**
   * Notes that it, or a child of it, waits for the answer of another call, as identical requests
   * do. The endpoint of the other call then counts as that of this one. Neither ends the other.
   * From any thread.
   *
   * @param other null if it waits no longer
   */
  public void waitsFor(@Nullable Call other) {
    for (Call call = this; call != null; call = call.above) {
      call.awaited = other;
    }
  }

  /**
   * The endpoint that it, or the call that it waits for, was given to last; null if there is none
   * yet. From any thread.
   */
  public @Nullable Reached reached() {
    Call other = awaited;
    Reached there = other == null ? null : other.reached();
    return there == null ? reached : there;
  }

  /**
   * Whether it, or a child of it, was given to an endpoint itself: the work of a call that it only
   * waits for is not its own. From any thread.
   */
  public boolean reachedItself() {
    return reached != null;
  }

  /**
   * That a call was given to an endpoint.
   *
   * @param endpoint its id
   * @param nanos when, in nanoseconds of the clock that all timelines share
   */
  public record Reached(String endpoint, long nanos) {}

  /** A call that ends with this one at the latest. */
  public Call child() {
    Call child = new Call(timeline, this, span);
    Registration link =
        onEnd(
            () -> {
              Failure why = reason();
              child.end(why == null ? Failure.cancelled() : why);
            });
    synchronized (child) {
      if (child.reason == null) {
        child.parent = link;
        return child;
      }
    }
    link.cancel();
    return child;
  }

  /** Ends it: the caller left, or the owner is done. */
  public void end() {
    end(Failure.cancelled());
  }

  /**
   * Ends it for a reason, which streams and queues fail with. Later ends are ignored.
   *
   * @param why what whoever waits on this call is told
   */
  public void end(Failure why) {
    Listener run;
    Registration link;
    synchronized (this) {
      if (reason != null) {
        return;
      }
      reason = why;
      run = first;
      first = null;
      link = parent;
      parent = null;
    }
    if (link != null) {
      link.cancel();
    }
    Throwable thrown = null;
    for (Listener listener = run; listener != null; listener = listener.next) {
      try {
        listener.run();
      } catch (RuntimeException | Error e) { // the others give back what they hold all the same
        thrown = thrown == null ? e : thrown;
      }
    }
    if (thrown instanceof Error error) {
      throw error;
    } else if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  /**
   * A node of the list of listeners. One that is taken back loses its action at once, without a
   * lock, and leaves the list later: nearly all are taken back, and few calls have many.
   */
  private static final class Listener implements Registration {
    private static final VarHandle ACTION = handle();

    private @Nullable Runnable action;
    private @Nullable Listener next;

    Listener(Runnable action, @Nullable Listener next) {
      this.action = action;
      this.next = next;
    }

    private static VarHandle handle() {
      try {
        return MethodHandles.lookup().findVarHandle(Listener.class, "action", Runnable.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    boolean takenBack() {
      return ACTION.getAcquire(this) == null;
    }

    /** Called once, by whoever ends the call. */
    void run() {
      Runnable taken = (Runnable) ACTION.getAcquire(this);
      if (taken != null) {
        ACTION.setRelease(this, null);
        taken.run();
      }
    }

    @Override
    public void cancel() {
      ACTION.setRelease(this, null);
    }
  }
}
