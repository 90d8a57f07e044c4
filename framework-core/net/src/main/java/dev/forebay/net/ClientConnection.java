package dev.forebay.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.http.impl.HttpClientConnectionInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a client knows of a connection beyond what Vert.x tells: what was heard, and who uses it.
 *
 * <p>It reaches below the public API of Vert.x, to the Netty channel, since that has no place for
 * it. It stands next to the socket, but above TLS, so a notice that TLS closes is not heard.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {

  private static final AttributeKey<ClientConnection> KEY =
      AttributeKey.valueOf(ClientConnection.class, "connection");

  /** A close that crossed the request on its way arrives within a round trip. */
  private static final long RACE_NANOS = Duration.ofSeconds(2).toNanos();

  /** Exchanges in a row that were given up without an answer. */
  private static final int MOST_UNANSWERED = 3;

  private final @Nullable Http2Connection http2;
  private final Runnable retire;
  private final long patienceNanos;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile long reads; // written on the event loop only
  private volatile boolean used;
  private volatile boolean givenUp;

  private ClientConnection(
      @Nullable Http2Connection http2, ConnectionRules rules, Runnable retire) {
    this.http2 = http2;
    this.retire = retire;
    this.patienceNanos = rules.silence().toNanos() / 4;
  }

  /**
   * Watches a connection until it closes. Runs on its event loop, before its first request.
   *
   * @param retire gives the connection no new requests; called more than once perhaps
   * @param closed called once
   */
  static void attach(
      HttpConnection connection, ConnectionRules rules, Runnable retire, Runnable closed) {
    if (!(connection instanceof HttpClientConnectionInternal client)) {
      throw new IllegalArgumentException("a connection of an unknown kind: " + connection);
    }
    Channel channel = client.channelHandlerContext().channel();
    ChannelPipeline pipeline = channel.pipeline();
    Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
    ClientConnection made =
        new ClientConnection(http2 == null ? null : http2.connection(), rules, retire);
    channel.attr(KEY).set(made);
    listen(pipeline, made);
    Runnable atAge;
    if (http2 == null) {
      ChannelHandlerContext codec = pipeline.context(HttpClientCodec.class);
      pipeline.addAfter(codec.name(), null, new KeepAliveBound(rules.keepAlive()));
      long drain = rules.drain().toMillis();
      atAge = () -> connection.shutdown(Math.max(1, drain), TimeUnit.MILLISECONDS);
    } else {
      FloodLimits limits = FloodLimits.lift(pipeline, http2);
      Silence.watch(
          channel,
          http2,
          rules.silence(),
          made::reads,
          limits::grants,
          retire,
          () -> made.giveUp(channel));
      atAge = retire;
    }
    Future<?> age =
        channel.eventLoop().schedule(atAge, rules.age().toMillis(), TimeUnit.MILLISECONDS);
    channel
        .closeFuture()
        .addListener(
            over -> {
              age.cancel(false);
              closed.run();
            });
  }

  private static void listen(ChannelPipeline pipeline, ClientConnection made) {
    ChannelHandlerContext tls = pipeline.context(SslHandler.class);
    if (tls == null) {
      pipeline.addFirst(made);
    } else {
      pipeline.addAfter(tls.name(), null, made);
    }
  }

  /** An exchange begins, and is to be sent. */
  static Use begin(HttpConnection connection) {
    ClientConnection known =
        connection instanceof HttpClientConnectionInternal client
            ? client.channelHandlerContext().channel().attr(KEY).get()
            : null;
    return new Use(known);
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public void channelRead(ChannelHandlerContext context, Object message) {
    reads++;
    context.fireChannelRead(message);
  }

  private long reads() {
    return reads;
  }

  /** Closes without a GOAWAY, which nobody hears. Streams may have been processed. */
  private void giveUp(Channel channel) {
    givenUp = true;
    channel.unsafe().close(channel.voidPromise());
  }

  /** Whether a GOAWAY says that a stream was not processed. */
  private boolean unprocessed(int stream) {
    return http2 != null
        && http2.goAwayReceived()
        && stream > http2.local().lastStreamKnownByPeer();
  }

  /** One exchange on a connection. */
  static final class Use {

    private final @Nullable ClientConnection connection;
    private final long beganNanos = System.nanoTime();
    private final long reads;
    private final boolean idle;
    private volatile boolean answered;

    private Use(@Nullable ClientConnection connection) {
      this.connection = connection;
      if (connection == null) {
        this.reads = 0;
        this.idle = false;
      } else {
        boolean alone = connection.open.getAndIncrement() == 0;
        this.idle = alone && connection.used;
        connection.used = true;
        this.reads = connection.reads;
      }
    }

    /** Whether a request that got no connection met one that had just closed. */
    static boolean neverSent(@Nullable Throwable refused) {
      return refused instanceof HttpClosedException;
    }

    void answered() {
      answered = true;
      ClientConnection on = connection;
      if (on != null) {
        on.unanswered.set(0);
      }
    }

    /** The exchange is over, however it ended. */
    void end() {
      ClientConnection on = connection;
      if (on == null) {
        return;
      }
      on.open.decrementAndGet();
      boolean waited = System.nanoTime() - beganNanos >= on.patienceNanos;
      if (on.http2 != null
          && !answered
          && waited
          && on.unanswered.incrementAndGet() >= MOST_UNANSWERED) {
        on.retire.run();
      }
    }

    /**
     * Whether the upstream cannot have processed the request, so that it may be sent again (RFC
     * 9113, section 8.7; RFC 9112, section 9.3.1): it refused the stream; a GOAWAY leaves the
     * stream out; the stream never existed; or an idle connection that had been used before closed
     * at once, without a byte.
     */
    boolean lost(HttpClientRequest request, Throwable broken) {
      ClientConnection on = connection;
      if (on == null || answered) {
        return false;
      }
      if (broken instanceof StreamResetException reset) {
        return reset.getCode() == Http2Error.REFUSED_STREAM.code();
      }
      if (broken instanceof InvalidAnswerException invalid) {
        return invalid.unsent();
      }
      if (broken instanceof Http2Exception none && none.error() == Http2Error.REFUSED_STREAM) {
        on.retire.run(); // Vert.x never gives back the place of a stream that was not made
        return true;
      }
      if (RotatingClient.toldByGoAway(broken) && on.unprocessed(request.streamId())) {
        return true;
      }
      return (broken instanceof IOException || broken instanceof HttpClosedException)
          && idle
          && !on.givenUp
          && reads == on.reads
          && System.nanoTime() - beganNanos < RACE_NANOS;
    }
  }
}
