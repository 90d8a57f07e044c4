package dev.forebay.net;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client that gives up connections under traffic, and sends a request again if the upstream
 * has not processed it.
 *
 * <p>The pool of Vert.x looks at the age of a connection only if nothing uses it, so a connection
 * with steady traffic stays for ever. Here an HTTP/1.1 connection closes after the exchange in
 * which it reaches its age. An HTTP/2 connection that reaches its age, is silent or takes no more
 * bytes is left with its whole pool: new requests get a new pool, and the old one closes after its
 * last request. So no stream is cut, and no request is given to a connection that just closes.
 *
 * <p>A request is sent a second time, on a new connection, if the first connection was lost before
 * the upstream can have processed it ({@link ClientConnection.Use#lost}). It is sent twice at most.
 */
public final class RotatingClient {

  /** Code of a reset of a request that is not wanted any more (RFC 9113, section 7). */
  public static final long CANCEL = 8;

  private final Rotation pooled;
  private final Rotation single;

  /**
   * A client.
   *
   * @param rules of its connections
   * @param maker makes the clients that are used one after another
   */
  public RotatingClient(Vertx vertx, ConnectionRules rules, Maker maker) {
    this.pooled = new Rotation(vertx, rules, connected -> maker.make(true, connected));
    this.single = new Rotation(vertx, rules, connected -> maker.make(false, connected));
  }

  /**
   * Sends a request, twice if need be.
   *
   * @param target where it goes, without headers
   * @param exchange gets the request on each try, sets its headers and sends it; it may reset it
   * @return the response, or why there is none
   */
  public Future<HttpClientResponse> send(
      RequestOptions target, Function<HttpClientRequest, Future<HttpClientResponse>> exchange) {
    return new Try(exchange)
        .on(pooled, target)
        .recover(
            lost ->
                lost instanceof Lost
                    ? new Try(exchange).on(single, target).recover(RotatingClient::why)
                    : Future.failedFuture(lost));
  }

  private static Future<HttpClientResponse> why(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return Future.failedFuture(thrown instanceof Lost && cause != null ? cause : thrown);
  }

  /**
   * Resets a request that was not sent, so that its place in the pool is free again. Over HTTP/2,
   * Vert.x gives back the place of a stream only if the stream was made; so the head goes out.
   */
  public static void giveUp(HttpClientRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.sendHead();
    }
    request.reset(CANCEL);
  }

  /**
   * Whether an exception tells that a stream closed after a GOAWAY. Vert.x says so of each stream
   * of the connection, also of one whose answer is whole, but waits for its reader. If the answer
   * was cut, Vert.x tells a second exception.
   */
  public static boolean toldByGoAway(Throwable thrown) {
    // Not by its GoAway, which reads a buffer that Netty has released.
    return thrown instanceof HttpClosedException
        && String.valueOf(thrown.getMessage()).contains("GOAWAY");
  }

  /** Closes all connections. */
  public Future<Void> close() {
    return Future.join(pooled.close(), single.close()).mapEmpty();
  }

  /** Makes a client of Vert.x. */
  @FunctionalInterface
  public interface Maker {

    /**
     * A new client.
     *
     * @param pooled whether it uses connections again
     * @param connected for each connection, before its first request
     */
    HttpClient make(boolean pooled, Handler<HttpConnection> connected);
  }

  /** One try to send a request. */
  private static final class Try {

    private final Function<HttpClientRequest, Future<HttpClientResponse>> exchange;

    Try(Function<HttpClientRequest, Future<HttpClientResponse>> exchange) {
      this.exchange = exchange;
    }

    Future<HttpClientResponse> on(Rotation rotation, RequestOptions target) {
      Rotation.Generation generation = rotation.enter();
      return generation
          .request(target)
          .transform(
              (request, refused) -> {
                if (request == null) {
                  rotation.leave(generation);
                  return failed(ClientConnection.Use.neverSent(refused), refused);
                }
                return sent(rotation, generation, request);
              });
    }

    private Future<HttpClientResponse> sent(
        Rotation rotation, Rotation.Generation generation, HttpClientRequest request) {
      ClientConnection.Use use = ClientConnection.begin(request.connection());
      request
          .response()
          .compose(HttpClientResponse::end)
          .onComplete(
              over -> {
                use.end();
                rotation.leave(generation);
              });
      return exchange
          .apply(request)
          .onSuccess(response -> use.answered())
          .recover(broken -> failed(use.lost(request, broken), broken));
    }

    private static Future<HttpClientResponse> failed(boolean lost, @Nullable Throwable why) {
      Throwable cause = why == null ? new IllegalStateException("no request") : why;
      return Future.failedFuture(lost ? new Lost(cause) : cause);
    }
  }

  /** The connection was lost before the upstream can have processed the request. */
  private static final class Lost extends RuntimeException {

    private static final long serialVersionUID = 1;

    Lost(Throwable cause) {
      super(null, cause, false, false);
    }
  }
}
