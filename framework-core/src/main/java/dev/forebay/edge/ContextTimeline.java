package dev.forebay.edge;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;

/** The time and the thread of a Vert.x context. */
final class ContextTimeline implements Timeline {

  private static final long ORIGIN = System.nanoTime();

  private final ContextInternal context;

  ContextTimeline(Context context) {
    this.context = (ContextInternal) context;
  }

  @Override
  public long nanos() {
    return System.nanoTime() - ORIGIN;
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public Registration after(long delayNanos, Runnable action) {
    var scheduled =
        context
            .nettyEventLoop()
            .schedule(
                () -> context.emit(nothing -> action.run()),
                Math.max(0, delayNanos),
                TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public void execute(Runnable action) {
    if (context.inThread()) {
      action.run();
    } else {
      context.runOnContext(nothing -> action.run());
    }
  }
}
