package dev.forebay.core.limiting;

import dev.forebay.dialect.DeadLetterJson;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The letters of a running gateway, on its administration: {@code GET /dead-letters?most=100} lists
 * the newest, a line of JSON for each, {@code &bodies=true} with their bodies, for those who show
 * the administration's token; {@code DELETE /dead-letters/ID} forgets one.
 *
 * <p>Of the bodies an answer has 16 MiB at most, the newest; then a letter has {@code "omitted":
 * true} in the place of its body. The first body is always there, however long.
 */
final class DeadLetterRoutes {

  private static final int MOST = 10_000;
  private static final int DEFAULT_MOST = 100;
  private static final long MOST_BODY_BYTES = 16L << 20;

  private final DeadLetterStore store;

  DeadLetterRoutes(DeadLetterStore store) {
    this.store = store;
  }

  void add(HttpRoutes routes) {
    routes.add(Listener.ADMINISTRATION, HttpRoute.get("/dead-letters", this::list));
    routes.add(
        Listener.ADMINISTRATION, new HttpRoute("DELETE", "/dead-letters/:id", 0, this::drop));
  }

  private Future<RouteAnswer> list(RouteRequest request) {
    boolean bodies = query(request, "bodies", "false").equals("true");
    if (bodies && !request.trusted()) {
      return Future.failedFuture(RouteRequest.untrusted());
    }
    int most;
    try {
      most = Integer.parseInt(query(request, "most", String.valueOf(DEFAULT_MOST)));
    } catch (NumberFormatException e) {
      most = 0;
    }
    if (most < 1 || most > MOST) {
      return Future.failedFuture(
          Failure.of(
              Status.CALLER_FAULT,
              400,
              "invalid_request",
              "most: " + query(request, "most", "") + " (expected: 1 to " + MOST + ")"));
    }
    return store
        .newest(most)
        .map(letters -> RouteAnswer.of(200, "application/x-ndjson", lines(letters, bodies)));
  }

  private static Buffer lines(List<DeadLetter> letters, boolean bodies) {
    Buffer lines = Buffer.buffer();
    long held = 0;
    for (DeadLetter letter : letters) {
      long length = letter.body() == null ? 0 : letter.body().length();
      boolean fits = length == 0 || held == 0 || held + length <= MOST_BODY_BYTES;
      JsonObject json = DeadLetterJson.of(bodies && fits ? letter : letter.withoutBody());
      json.put("replayable", letter.body() != null);
      if (bodies && fits) {
        held += length;
      } else if (bodies) {
        json.put("omitted", true);
      }
      lines.appendString(json.encode() + "\n");
    }
    return lines;
  }

  private Future<RouteAnswer> drop(RouteRequest request) {
    String id = request.parameter("id");
    return store
        .drop(id)
        .compose(
            there ->
                there
                    ? Future.succeededFuture(new RouteAnswer(204, Headers.EMPTY, Buffer.buffer()))
                    : Future.failedFuture(
                        Failure.of(
                            Status.CALLER_FAULT,
                            404,
                            "not_found",
                            "letter: " + id + " (expected: one that is kept)")));
  }

  private static String query(RouteRequest request, String name, String absent) {
    List<String> values = request.query().getOrDefault(name, List.of());
    return values.isEmpty() ? absent : values.getFirst();
  }
}
