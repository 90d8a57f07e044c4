package dev.forebay.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.impl.HttpClientConnectionInternal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the HTTP clients of the project; no other class does.
 *
 * <p>A connection of HTTP/1.1 is used again only if its answer is provably over ({@link
 * ReuseGuard}); over HTTP/2 the heads of answers are checked ({@link StreamHeads}). A broken
 * connection or a reset is told to its request only: the client logs it at level debug.
 */
public final class HttpClients {

  private static final Logger LOG = LoggerFactory.getLogger(HttpClients.class);

  private HttpClients() {}

  /** A client with the default pool of Vert.x. */
  public static HttpClient create(Vertx vertx, HttpClientOptions options) {
    return create(vertx, options, new PoolOptions(), connection -> {});
  }

  /**
   * A client.
   *
   * @param options of its connections; pipelining and the upgrade from HTTP/1.1 to HTTP/2 stay off
   * @param pool how many connections it keeps
   * @param connected gets each connection before its first request, on its event loop
   */
  public static HttpClient create(
      Vertx vertx, HttpClientOptions options, PoolOptions pool, Handler<HttpConnection> connected) {
    return new QuietClient(
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions(options)
                    .setPipelining(false)
                    .setHttp2ClearTextUpgrade(false)
                    .setInitialSettings(settings(options)))
            .with(pool)
            .withConnectHandler(
                connection -> {
                  connection.exceptionHandler(HttpClients::told);
                  guard(connection, options);
                  connected.handle(connection);
                })
            .build());
  }

  /** Nobody takes pushed answers; and a head that is too long must not close a connection. */
  private static Http2Settings settings(HttpClientOptions options) {
    return new Http2Settings(options.getInitialSettings())
        .setPushEnabled(false)
        .setMaxHeaderListSize(StreamHeads.MAX_READ);
  }

  private static void guard(HttpConnection connection, HttpClientOptions options) {
    if (connection instanceof HttpClientConnectionInternal client) {
      ChannelPipeline pipeline = client.channelHandlerContext().pipeline();
      ChannelHandlerContext codec = pipeline.context(HttpClientCodec.class);
      int maxHead = options.getMaxInitialLineLength() + options.getMaxHeaderSize();
      if (codec != null) {
        ReuseGuard.on(pipeline, codec.name(), maxHead, () -> client.activeStreams() == 0);
        return;
      }
      Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
      if (http2 != null) {
        StreamHeads.check(http2, maxHead);
        return;
      }
    }
    LOG.error("a connection of an unknown kind is closed: {}", connection.getClass());
    connection.close();
  }

  private static void told(Throwable broken) {
    LOG.debug("{}", broken.toString());
  }
}
