package dev.forebay.edge;

import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections of one event loop, of which those without a request are closed after a while.
 *
 * <p>The idle timeout of the server itself would not do: it also closes connections whose request
 * waits long in a queue, upstream for up to ten minutes without a byte.
 */
final class IdleConnections {

  private static final int SWEEPS_PER_TIMEOUT = 4;

  private final long timeoutNanos;
  private final Map<HttpConnection, State> connections = new HashMap<>();

  IdleConnections(Duration timeout) {
    timeoutNanos = timeout.toNanos();
  }

  /** How often to sweep, in milliseconds. */
  long sweepMillis() {
    return Math.max(1, timeoutNanos / SWEEPS_PER_TIMEOUT / 1_000_000);
  }

  void opened(HttpConnection connection) {
    State state = new State(System.nanoTime());
    connections.put(connection, state);
    connection.closeHandler(nothing -> connections.remove(connection));
  }

  /** Notes that a request is under way, until its response has ended. */
  void track(RoutingContext context) {
    State state = connections.get(context.request().connection());
    if (state != null) {
      state.requests++;
      context.addEndHandler(
          ended -> {
            state.requests--;
            state.idleSince = System.nanoTime();
          });
    }
    context.next();
  }

  /** Closes what has been idle for too long at a time of {@link System#nanoTime()}. */
  void sweep(long now) {
    List<HttpConnection> idle = new ArrayList<>();
    connections.forEach(
        (connection, state) -> {
          if (state.requests == 0 && now - state.idleSince > timeoutNanos) {
            idle.add(connection);
          }
        });
    idle.forEach(HttpConnection::close);
  }

  private static final class State {
    private long idleSince;
    private int requests;

    State(long idleSince) {
      this.idleSince = idleSince;
    }
  }
}
