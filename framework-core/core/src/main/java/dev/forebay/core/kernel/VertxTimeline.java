package dev.forebay.core.kernel;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Real time on the event loop of a Vert.x context. All instances of a process share one clock, so
 * that a deadline taken on one event loop can be read on another.
 */
public final class VertxTimeline implements Timeline {

  private static final long ORIGIN = System.nanoTime();

  private final ContextInternal context;

  private VertxTimeline(ContextInternal context) {
    this.context = context;
  }

  /**
   * The timeline of an event-loop context.
   *
   * @throws IllegalArgumentException where the context is not an event loop's
   */
  public static VertxTimeline of(Context context) {
    if (!context.isEventLoopContext()) {
      throw new IllegalArgumentException("context: " + context + " (expected: an event loop's)");
    }
    return new VertxTimeline((ContextInternal) context);
  }

  /** The timeline of the current event loop, or of a new one where the caller is on none. */
  public static VertxTimeline of(Vertx vertx) {
    Context current = Vertx.currentContext();
    return of(
        current != null && current.owner() == vertx && current.isEventLoopContext()
            ? current
            : ((io.vertx.core.internal.VertxInternal) vertx).createEventLoopContext());
  }

  /** The clock of all timelines of the process, in nanoseconds. */
  static long clock() {
    return System.nanoTime() - ORIGIN;
  }

  @Override
  public long nanos() {
    return clock();
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public Registration after(long delayNanos, Runnable action) {
    if (delayNanos <= 0) {
      Soon soon = new Soon(action);
      context.nettyEventLoop().execute(soon); // the queue of timers costs several times as much
      return soon;
    }
    EventLoop loop = context.nettyEventLoop();
    if (loop.inEventLoop()) {
      Registration timeout = Timeouts.of(loop).after(delayNanos, context, action);
      if (timeout != null) {
        return timeout;
      }
    }
    ScheduledFuture<?> scheduled =
        loop.schedule(() -> context.dispatch(action), delayNanos, TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public void execute(Runnable action) {
    if (context.nettyEventLoop().inEventLoop()) {
      action.run();
    } else {
      context.nettyEventLoop().execute(() -> context.dispatch(action));
    }
  }

  @Override
  public void check() {
    assert context.nettyEventLoop().inEventLoop()
        : "called on " + Thread.currentThread().getName() + " (expected: on " + this + ")";
  }

  @Override
  public String toString() {
    return context.nettyEventLoop() instanceof SingleThreadEventExecutor loop
        ? loop.threadProperties().name()
        : context.nettyEventLoop().toString();
  }

  /** An action in the queue of the event loop. */
  private final class Soon implements Runnable, Registration {
    private volatile @Nullable Runnable action;

    Soon(Runnable action) {
      this.action = action;
    }

    @Override
    public void run() {
      Runnable left = action;
      if (left != null) {
        action = null;
        context.dispatch(left);
      }
    }

    @Override
    public void cancel() {
      action = null;
    }
  }
}
