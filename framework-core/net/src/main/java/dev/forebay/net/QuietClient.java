package dev.forebay.net;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;

/**
 * A client whose requests and responses have handlers of exceptions from the start.
 *
 * <p>Vert.x logs an error for each request or response that breaks or is reset without one. A
 * caller who sets handlers of its own replaces these.
 */
final class QuietClient implements HttpClient {

  private final HttpClient client;

  QuietClient(HttpClient client) {
    this.client = client;
  }

  @Override
  public Future<HttpClientRequest> request(RequestOptions options) {
    return client.request(options).onSuccess(QuietClient::quiet);
  }

  private static void quiet(HttpClientRequest request) {
    request.exceptionHandler(broken -> {}).response().onSuccess(QuietClient::quiet);
  }

  private static void quiet(HttpClientResponse response) {
    response.exceptionHandler(broken -> {});
  }

  @Override
  public Future<Void> shutdown(long timeout, TimeUnit unit) {
    return client.shutdown(timeout, unit);
  }
}
