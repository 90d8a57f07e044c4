package dev.forebay.administration;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.http.Json;
import dev.forebay.gateway.Gateway;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Set;

/**
 * Limits that are set while a gateway runs: {@code POST /limits} with {@code {"limit": "tpm",
 * "key": "acme", "quota": 200000}}. Without a key it is the limit of all that have none of their
 * own. It holds at once, and until the gateway ends.
 */
final class LimitAdministration {

  private static final long MAX_BODY_BYTES = 64 << 10;
  private static final int MAX_KEY = 1024;
  private static final double MAX_QUOTA = 1e18;
  private static final String EXPECTED =
      "expected: {\"limit\": its name, \"key\": whose limit, \"quota\": a number above 0 and below"
          + " 1e18}; a key of 1 to "
          + MAX_KEY
          + " characters, or none";

  private final Gateway gateway;

  /** Of a gateway. */
  LimitAdministration(Gateway gateway) {
    this.gateway = gateway;
  }

  /** Adds its route. */
  void add(HttpRoutes routes) {
    routes.add(Listener.ADMINISTRATION, HttpRoute.post("/limits", MAX_BODY_BYTES, this::change));
  }

  private Future<RouteAnswer> change(RouteRequest request) {
    Map<String, Object> asked;
    try {
      asked = Json.members(request.body());
    } catch (BadRequest malformed) {
      return refused(400, "invalid_request", malformed.text);
    }
    boolean known = Set.of("limit", "key", "quota").containsAll(asked.keySet());
    if (!known
        || !(asked.get("limit") instanceof String limit)
        || !(asked.getOrDefault("key", "") instanceof String key)
        || !(asked.get("quota") instanceof Number number)
        || (asked.containsKey("key") && key.isEmpty())
        || key.length() > MAX_KEY) {
      return refused(400, "invalid_request", EXPECTED);
    }
    double quota = number.doubleValue();
    return quota > 0 && quota < MAX_QUOTA
        ? change(limit, key, quota)
        : refused(400, "invalid_request", EXPECTED);
  }

  private Future<RouteAnswer> change(String limit, String key, double quota) {
    return gateway
        .limit(limit, key, quota)
        .recover(e -> refused(400, "invalid_request", String.valueOf(e.getMessage())))
        .compose(
            known ->
                known
                    ? Future.succeededFuture(new RouteAnswer(204, Headers.EMPTY, Buffer.buffer()))
                    : refused(
                        404,
                        "not_found",
                        "limit: " + Json.shown(limit) + " (expected: one of this gateway's)"));
  }

  private static <T> Future<T> refused(int status, String reason, String why) {
    return Future.failedFuture(Failure.of(Status.CALLER_FAULT, status, reason, why));
  }
}
