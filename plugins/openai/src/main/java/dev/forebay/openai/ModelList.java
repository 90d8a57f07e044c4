package dev.forebay.openai;

import dev.forebay.dialect.JsonSource;
import dev.forebay.net.RotatingClient;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The names of an upstream's models: {@code GET /v1/models}, bounded in time and in bytes. */
final class ModelList {

  private static final long SECONDS = 5;
  private static final int MAX_BYTES = 4 << 20;
  private static final int MAX_NAME = 256;

  private ModelList() {}

  /** Asks. Fails if there is no list within 5 seconds and 4 MiB. */
  static Future<List<String>> ask(RotatingClient client, OpenAi options, Optional<String> secret) {
    AtomicReference<HttpClientRequest> sent = new AtomicReference<>();
    return client
        .send(
            OpenAiBackend.target(options, HttpMethod.GET, "/models"),
            request -> {
              sent.set(request);
              head(request.headers(), options, secret);
              return request.send();
            })
        .compose(ModelList::body)
        .map(ModelList::names)
        .timeout(SECONDS, TimeUnit.SECONDS)
        .onFailure(
            thrown -> {
              HttpClientRequest open = sent.get();
              if (open != null) {
                open.reset(RotatingClient.CANCEL);
              }
            });
  }

  private static void head(MultiMap headers, OpenAi options, Optional<String> secret) {
    headers
        .add(HttpHeaders.ACCEPT, "application/json")
        .add(HttpHeaders.ACCEPT_ENCODING, "identity");
    secret.ifPresent(key -> headers.add(HttpHeaders.AUTHORIZATION, "Bearer " + key));
    options.headers().forEach(headers::set);
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    Promise<Buffer> whole = Promise.promise();
    response.exceptionHandler(whole::tryFail);
    if (response.statusCode() != 200) {
      return Future.failedFuture("status " + response.statusCode());
    }
    Buffer all = Buffer.buffer();
    response.handler(
        piece -> {
          if (all.length() + (long) piece.length() > MAX_BYTES) {
            whole.tryFail("a list of more than " + MAX_BYTES + " bytes");
          } else {
            all.appendBuffer(piece);
          }
        });
    response.endHandler(nothing -> whole.tryComplete(all));
    return whole.future();
  }

  /** The ids of the list, in its order; what else it holds is passed over. */
  private static List<String> names(Buffer list) {
    List<String> names = new ArrayList<>();
    JsonObject whole = JsonSource.answer(list.getBytes());
    if (whole != null && whole.getValue("data") instanceof JsonArray data) {
      for (Object each : data) {
        if (each instanceof JsonObject model
            && model.getValue("id") instanceof String id
            && !id.isBlank()
            && id.length() <= MAX_NAME) {
          names.add(id);
        }
      }
      return names;
    }
    throw new IllegalArgumentException("no list of models (expected: an object with data)");
  }
}
