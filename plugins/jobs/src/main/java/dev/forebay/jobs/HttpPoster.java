package dev.forebay.jobs;

import dev.forebay.net.HttpAddress;
import dev.forebay.net.HttpClients;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;

/** Posts callbacks. It follows no redirect, and drops what the receiver says. */
final class HttpPoster implements CallbackSender.Poster {

  private final Timeline timeline;
  private final HttpClient http;

  HttpPoster(Vertx vertx, Timeline timeline) {
    this.timeline = timeline;
    this.http = HttpClients.create(vertx, new HttpClientOptions().setConnectTimeout(5_000));
  }

  @Override
  public Future<Integer> post(HttpAddress to, Headers headers, Buffer body, Duration timeout) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(to.uri().toString())
            .setTimeout(timeout.toMillis());
    headers.entries().forEach(header -> options.putHeader(header.getKey(), header.getValue()));
    return timeline.bring(
        http.request(options)
            .compose(request -> request.send(body).onSuccess(answer -> answer.request().reset()))
            .map(HttpClientResponse::statusCode));
  }

  Future<Void> close() {
    return http.close();
  }
}
