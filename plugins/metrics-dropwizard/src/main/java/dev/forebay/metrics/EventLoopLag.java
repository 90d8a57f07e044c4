package dev.forebay.metrics;

import dev.forebay.spi.metrics.Histogram;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.TimeUnit;

/** How late a timer of 100 ms is on each event loop: for so long callers waited for the loop. */
final class EventLoopLag {

  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Histogram lag;
  private volatile boolean closed;

  EventLoopLag(Histogram lag) {
    this.lag = lag;
  }

  /** Measures all loops of an instance until it is closed. */
  void watch(Vertx vertx) {
    for (EventExecutor loop : ((VertxInternal) vertx).nettyEventLoopGroup()) {
      next(loop);
    }
  }

  private void next(EventExecutor loop) {
    if (closed || loop.isShuttingDown()) {
      return;
    }
    long due = System.nanoTime() + PERIOD_NANOS;
    loop.schedule(
        () -> {
          lag.record(System.nanoTime() - due);
          next(loop);
        },
        PERIOD_NANOS,
        TimeUnit.NANOSECONDS);
  }

  void close() {
    closed = true;
  }
}
