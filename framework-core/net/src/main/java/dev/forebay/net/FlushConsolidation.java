package dev.forebay.net;

import io.netty.channel.ChannelPipeline;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpClientConnectionInternal;
import io.vertx.core.http.impl.HttpServerConnection;

/**
 * Lets an event loop send what it wrote to its connections together, at the end of its turn.
 *
 * <p>A loop that serves many connections reads from one, writes to another, and so on. Each write
 * is a system call, and wakes whoever waits at the other end, who has done its work and sleeps
 * again before the next. Sent one after another, the calls find their code in the processor's
 * caches, and the other end awake. Where nothing else is to be read, the turn ends at once, so a
 * single request does not wait. What is written waits at most for the end of the turn; a turn that
 * writes to {@value #MOST_WAITING} connections sends what waits and begins anew, and a channel
 * without room (more than 64 KiB unsent, unless configured) sends at once.
 *
 * <p>It reaches below the public API of Vert.x, to the Netty channel, since that has no place for
 * it. A connection of another kind than those that Vert.x makes for HTTP stays as it is.
 */
public final class FlushConsolidation {

  /** Connections of an event loop that wait: when there are so many, all are flushed. */
  public static final int MOST_WAITING = 64;

  private FlushConsolidation() {}

  /**
   * Turns it on for a connection, from now on until it closes.
   *
   * @param connection as a connection handler of an HTTP server or client gets it; each once
   */
  public static void on(HttpConnection connection) {
    if (connection instanceof HttpServerConnection server) {
      on(server.channelHandlerContext().pipeline());
    } else if (connection instanceof HttpClientConnectionInternal client) {
      on(client.channelHandlerContext().pipeline());
    }
  }

  /** The handler is the one next to the socket: below TLS, and below the frames of HTTP/2. */
  static void on(ChannelPipeline pipeline) {
    pipeline.addFirst(new DeferredFlush());
  }
}
