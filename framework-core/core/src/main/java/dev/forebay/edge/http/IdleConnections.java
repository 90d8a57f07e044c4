package dev.forebay.edge.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
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

  void opened(HttpConnection connection, StrictDecoder decoder) {
    State state = new State(decoder, System.nanoTime());
    connections.put(connection, state);
    connection.closeHandler(nothing -> connections.remove(connection));
  }

  /**
   * Notes that a request is under way.
   *
   * @return is told when its response has ended; a second time is ignored
   */
  Runnable track(HttpConnection connection) {
    State state = connections.get(connection);
    return state == null ? () -> {} : new Use(state);
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
    idle.forEach(IdleConnections::cut);
  }

  /**
   * Closes a connection at once, with all that its caller has not read. Its own close would wait
   * until that has been read, and so for ever for a caller who does not.
   */
  static void cut(HttpConnection connection) {
    if (connection instanceof HttpServerConnection own) {
      own.channelHandlerContext().close();
    } else {
      connection.close();
    }
  }

  /** One request on a connection. */
  private static final class Use implements Runnable {
    private final State state;
    private boolean over;

    Use(State state) {
      this.state = state;
      state.requests++;
    }

    @Override
    public void run() {
      if (!over) {
        over = true;
        state.requests--;
        state.idleSince = System.nanoTime();
        state.decoder.requestOver();
      }
    }
  }

  private static final class State {
    private final StrictDecoder decoder;
    private long idleSince;
    private int requests;

    State(StrictDecoder decoder, long idleSince) {
      this.decoder = decoder;
      this.idleSince = idleSince;
    }
  }
}
