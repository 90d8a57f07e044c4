package dev.forebay.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads {@code /metrics} each second, or when it is asked to. */
final class Scraping {

  private static final int PERIOD_MILLIS = 1050; // an answer holds for a second

  private final HttpClient client;
  private final int port;
  private final AtomicInteger answered = new AtomicInteger();

  private Scraping(Vertx vertx, int port) {
    this.client = vertx.createHttpClient();
    this.port = port;
  }

  static Scraping start(Vertx vertx, int port) {
    Scraping scraping = of(vertx, port);
    vertx.setPeriodic(PERIOD_MILLIS, fired -> scraping.once());
    return scraping;
  }

  static Scraping of(Vertx vertx, int port) {
    return new Scraping(vertx, port);
  }

  /** One scrape; the bytes of its answer. */
  Future<Integer> once() {
    return client
        .request(HttpMethod.GET, port, "127.0.0.1", "/metrics")
        .compose(HttpClientRequest::send)
        .compose(HttpClientResponse::body)
        .map(
            body -> {
              answered.incrementAndGet();
              return body.length();
            });
  }

  int answered() {
    return answered.get();
  }
}
