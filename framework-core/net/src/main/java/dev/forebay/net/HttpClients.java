package dev.forebay.net;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the HTTP clients of the project; no other class does.
 *
 * <p>A broken connection or a reset is told to its request only: the client logs it at level debug.
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
                new HttpClientOptions(options).setPipelining(false).setHttp2ClearTextUpgrade(false))
            .with(pool)
            .withConnectHandler(
                connection -> {
                  connection.exceptionHandler(HttpClients::told);
                  connected.handle(connection);
                })
            .build());
  }

  private static void told(Throwable broken) {
    LOG.debug("{}", broken.toString());
  }
}
