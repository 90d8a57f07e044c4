package dev.forebay.spi;

import org.jspecify.annotations.Nullable;

/**
 * The live half of a request. It ends once, from any thread: when its owner is done with it, when
 * the caller left, or when a deadline passed. A child ends with its parent, not the parent with the
 * child.
 *
 * <p>It exists because futures cannot be cancelled: a request whose caller has gone must leave the
 * queue and stop the backend. Whoever makes a call ends it, also after a good end; that lets go of
 * all that hangs on it.
 */
public final class Call {

  private final Timeline home;
  private final @Nullable Call above;
  private @Nullable Registration parent;
  private @Nullable Failure reason;
  private @Nullable Listener first;
  private volatile @Nullable Reached reached;
  private volatile @Nullable Call awaited;

  private Call(Timeline home, @Nullable Call above) {
    this.home = home;
    this.above = above;
  }

  /**
   * A call of its own.
   *
   * @param home where the request lives: its filters, its chunks and its timers run there
   */
  public static Call root(Timeline home) {
    return new Call(home, null);
  }

  /** Where the request lives. */
  public Timeline home() {
    return home;
  }

  /** Whether it has ended. */
  public synchronized boolean ended() {
    return reason != null;
  }

  /** Why it ended; null while it has not. */
  public synchronized @Nullable Failure reason() {
    return reason;
  }

  /**
   * Runs an action when the call ends, on the thread that ends it; at once where it has ended.
   *
   * @return takes the action back; do so when what it would stop has ended by itself
   */
  public Registration onEnd(Runnable action) {
    synchronized (this) {
      if (reason == null) {
        Listener listener = new Listener(this, action);
        listener.next = first;
        if (first != null) {
          first.previous = listener;
        }
        first = listener;
        return listener;
      }
    }
    action.run();
    return Registration.NONE;
  }

  /**
   * Notes that it, or a child of it, was given to an endpoint. Whoever made a call above can then
   * tell a request that is queued in the gateway from one that its endpoint is slow with.
   */
  public void reached(String endpoint) {
    Reached now = new Reached(endpoint, home.nanos());
    for (Call call = this; call != null; call = call.above) {
      call.reached = now;
      if (call.awaited != null) {
        call.awaited = null;
      }
    }
  }

  /**
   * Notes that it, or a child of it, waits for what another call brings, as those do who share one
   * call upstream: where that one was given to, or will be, counts as where this one was. Neither
   * ends the other. From any thread.
   *
   * @param other null where it waits no longer
   */
  public void waitsFor(@Nullable Call other) {
    for (Call call = this; call != null; call = call.above) {
      call.awaited = other;
    }
  }

  /**
   * Where it, or the call that it waits for, was given to last; null where that is still on its
   * way. From any thread.
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
   * @param nanos when, in nanoseconds of the clock that all homes share
   */
  public record Reached(String endpoint, long nanos) {}

  /** A call that ends with this one at the latest. */
  public Call child() {
    Call child = new Call(home, this);
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
    RuntimeException thrown = null;
    for (Listener listener = run; listener != null; listener = listener.next) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        thrown = thrown == null ? e : thrown;
      }
    }
    if (thrown != null) {
      throw thrown;
    }
  }

  /** A node of the doubly linked list of listeners: taken back in constant time. */
  private static final class Listener implements Registration {
    private final Call call;
    private @Nullable Runnable action;
    private @Nullable Listener next;
    private @Nullable Listener previous;

    Listener(Call call, Runnable action) {
      this.call = call;
      this.action = action;
    }

    void run() {
      Runnable taken;
      synchronized (call) {
        taken = action;
        action = null;
      }
      if (taken != null) {
        taken.run();
      }
    }

    @Override
    public void cancel() {
      synchronized (call) {
        action = null;
        if (call.reason != null) {
          return; // the list is being run: the node stays linked, without an action
        }
        if (previous != null) {
          previous.next = next;
        } else if (call.first == this) {
          call.first = next;
        } else {
          return; // taken back before
        }
        if (next != null) {
          next.previous = previous;
        }
        next = null;
        previous = null;
      }
    }
  }
}
