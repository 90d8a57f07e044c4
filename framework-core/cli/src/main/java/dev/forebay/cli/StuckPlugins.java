package dev.forebay.cli;

import dev.forebay.gateway.Host;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.threadchecker.BlockedThreadEvent;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which plugin a thread hangs in, and in which call. A gateway is not ended for that: a model
 * may take minutes to load.
 */
final class StuckPlugins implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StuckPlugins.class);
  private static final long PAUSE_MILLIS = 1_000;
  private static final int LOOKS = 10;

  private final Thread watcher;

  private StuckPlugins(Thread watcher) {
    this.watcher = watcher;
  }

  /** Watches the calling thread until it is closed; says every 10 s what the thread hangs in. */
  static StuckPlugins on(Host host, PrintWriter err) {
    Thread watched = Thread.currentThread();
    return new StuckPlugins(
        Thread.ofPlatform().daemon().name("forebay-start").start(() -> watch(host, watched, err)));
  }

  private static void watch(Host host, Thread watched, PrintWriter err) {
    try {
      for (int looks = 0; true; ) {
        Thread.sleep(PAUSE_MILLIS);
        String call = host.pluginCall(watched.getStackTrace());
        looks = call == null ? 0 : looks + 1;
        if (call != null && looks % LOOKS == 0) {
          err.println("forebay: starting: " + call + ": it has not returned for " + looks + " s");
          err.flush();
        }
      }
    } catch (InterruptedException e) {
      // the gateway is made
    }
  }

  @Override
  public void close() {
    watcher.interrupt();
  }

  /** Has the warning of blocked event loops name the plugin and the call. */
  static void onLoops(Vertx vertx, Host host) {
    ((VertxInternal) vertx)
        .blockedThreadChecker()
        .setThreadBlockedHandler(
            event -> {
              StackTraceElement[] stack = event.thread().getStackTrace();
              String line = line(event, host.pluginCall(stack));
              if (event.duration() <= event.warningExceptionTime()) {
                LOG.warn(line);
              } else {
                VertxException trace = new VertxException("Thread blocked");
                trace.setStackTrace(stack);
                LOG.warn(line, trace);
              }
            });
  }

  /** The warning. Times of the event are nanoseconds. */
  static String line(BlockedThreadEvent event, @Nullable String call) {
    return "%s has been blocked for %d ms%s"
        .formatted(
            event.thread().getName(),
            event.duration() / 1_000_000,
            call == null ? "" : ", in " + call);
  }
}
