package dev.forebay.edge.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies: small ones on the event loop, large ones on a few threads of its own, because
 * reading 8 MiB takes up to a tenth of a second, in which an event loop would serve nobody else.
 * Half of the processors, at least one, is what they may use. What waits for them is bounded by the
 * requests that may be open.
 */
final class LargeBodies {

  /** A body up to here is read where it came: that takes a few milliseconds at most. */
  static final int SMALL_BYTES = 256 << 10;

  private static final String NAME = "forebay-large-bodies";

  private @Nullable WorkerExecutor workers;
  private boolean closed;

  /**
   * Runs a reading.
   *
   * @param bytes of the body
   * @param vertx whose context the caller is on; the future completes there
   */
  <T> Future<T> read(int bytes, Vertx vertx, Callable<T> reading) {
    WorkerExecutor executor = bytes <= SMALL_BYTES ? null : workers(vertx);
    if (executor != null) {
      return executor.executeBlocking(reading, false);
    }
    try {
      return Future.succeededFuture(reading.call());
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  synchronized void close() {
    closed = true;
    WorkerExecutor executor = workers;
    workers = null;
    if (executor != null) {
      executor.close();
    }
  }

  private synchronized @Nullable WorkerExecutor workers(Vertx vertx) {
    if (workers == null && !closed) {
      int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
      workers = vertx.createSharedWorkerExecutor(NAME, threads, 1, TimeUnit.MINUTES);
    }
    return workers;
  }
}
