package dev.forebay.health.http;

import dev.forebay.spi.Call;
import dev.forebay.spi.Registration;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One question by HTTP, from its connection to as much of the body as is needed. */
final class Question {

  private static final int MAX_BODY = 64 << 10;

  private final Http options;
  private final Call call;
  private final Promise<Void> answer = Promise.promise();
  private final Buffer body = Buffer.buffer();
  private Registration end = Registration.NONE;
  private volatile @Nullable HttpClientRequest sent;

  Question(Http options, Call call) {
    this.options = options;
    this.call = call;
  }

  Future<Void> ask(HttpClient client, RequestOptions target) {
    end = call.onEnd(() -> over("no answer in time"));
    client
        .request(target)
        .onComplete(
            (request, refused) -> {
              if (request == null) {
                over("no connection: " + refused.getClass().getSimpleName());
                return;
              }
              sent = request;
              request.exceptionHandler(broken -> over("broken: " + name(broken)));
              if (answer.future().isComplete()) {
                request.reset();
                return;
              }
              request.send().onComplete(this::responded);
            });
    return answer.future();
  }

  private void responded(@Nullable HttpClientResponse response, @Nullable Throwable broken) {
    if (response == null) {
      over("broken: " + (broken == null ? "" : name(broken)));
      return;
    }
    String wanted = options.body();
    if (!options.status().contains(response.statusCode())) {
      over("status " + response.statusCode() + " (expected: one of " + options.status() + ")");
    } else if (wanted == null) {
      over(null);
    } else {
      response.exceptionHandler(thrown -> over("broken: " + name(thrown)));
      response.handler(piece -> read(piece, wanted));
      response.endHandler(nothing -> over("the body lacks the expected text"));
    }
  }

  private void read(Buffer piece, String wanted) {
    body.appendBuffer(piece);
    if (body.toString(StandardCharsets.UTF_8).contains(wanted)) {
      over(null);
    } else if (body.length() > MAX_BODY) {
      over("the first 64 KiB of the body lack the expected text");
    }
  }

  /** Ends it, well where there is nothing to say, and closes its connection. */
  private void over(@Nullable String why) {
    boolean first = why == null ? answer.tryComplete() : answer.tryFail(why);
    HttpClientRequest open = sent;
    if (first) {
      end.cancel();
    }
    if (first && open != null) {
      open.reset();
    }
  }

  private static String name(Throwable thrown) {
    return thrown.getClass().getSimpleName();
  }
}
