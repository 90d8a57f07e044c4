package dev.forebay.gateway;

import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The assemblies of a gateway: the one that takes requests, and those before it until their last
 * requests have ended.
 */
final class Assemblies {

  private static final long CLOSE_NANOS = Duration.ofSeconds(30).toNanos();

  private final Host host;
  private final Timeline timeline;
  private volatile Assembly assembly;
  private volatile boolean closed;

  /** When no request is in an assembly before the current one; on the timeline. */
  private Future<Void> ended = Future.succeededFuture();

  Assemblies(Blueprint blueprint, Host host) {
    this.host = host;
    this.timeline = host.timeline();
    this.assembly = new Assembly(blueprint, host, null);
    assembly.check();
  }

  /** The one that takes requests. From any thread. */
  Assembly current() {
    return assembly;
  }

  /** Whether {@link #close} was called. From any thread. */
  boolean closed() {
    return closed;
  }

  /**
   * Checks that there may be something new.
   *
   * @throws IllegalStateException if {@link #close} was called
   */
  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("gateway: closed (expected: one that runs)");
    }
  }

  /** Of two that change places, the one that is there after the request is counted. */
  Assembly enter() {
    while (true) {
      Assembly now = assembly;
      now.calls().enter();
      if (now == assembly) {
        return now;
      }
      now.calls().leave();
    }
  }

  /**
   * Another takes the place of the one that takes requests. On the gateway's timeline.
   *
   * @throws IllegalArgumentException if it cannot: then nothing has changed
   * @throws IllegalStateException if {@link #close} was called
   */
  void replace(Blueprint next) {
    requireOpen();
    next.require();
    requireFixed("memory", assembly.blueprint().memory().equals(next.memory()));
    requireFixed("sections", assembly.blueprint().sections().equals(next.sections()));
    Assembly former = assembly;
    Succession succession = new Succession(former, next, host);
    AtomicReference<@Nullable Assembly> made = new AtomicReference<>();
    Runnable gauges;
    try {
      gauges = host.replacing(() -> made.set(new Assembly(next, host, succession)));
    } catch (RuntimeException | Error e) {
      succession.undo();
      throw e;
    }
    Assembly replacing = Objects.requireNonNull(made.get());
    succession.settle(replacing, gauges);
    replacing.check();
    assembly = replacing;
    replacing.becomeCurrent();
    Promise<Void> idle = Promise.promise();
    former.calls().retire(idle::complete);
    // What ends now may have been taken over from assemblies before: those end first.
    ended = Future.join(ended, idle.future()).mapEmpty();
    ended.onComplete(
        all ->
            timeline.execute(
                () -> {
                  former.over();
                  inTime(succession.close(replacing));
                }));
  }

  private static void requireFixed(String what, boolean same) {
    if (!same) {
      throw new IllegalArgumentException(
          what + ": cannot change while the gateway runs (expected: a restart)");
    }
  }

  /** Closes sections first, then what discovers and probes, then all parts. From any thread. */
  Future<Void> close() {
    closed = true;
    return inTime(there(() -> assembly.sections().close()))
        .eventually(() -> inTime(there(() -> assembly.stop())))
        .eventually(() -> inTime(there(() -> assembly.close())));
  }

  /** Does something on the gateway's timeline, from any thread. */
  private Future<Void> there(Supplier<Future<Void>> action) {
    return timeline.ask(action).compose(done -> done);
  }

  private Future<Void> inTime(Future<Void> closing) {
    if (closing.isComplete()) {
      return closing;
    }
    return timeline
        .within(
            CLOSE_NANOS,
            closing,
            () ->
                assembly.errors().failure("close", new TimeoutException("not closed within 30 s")))
        .otherwiseEmpty();
  }
}
