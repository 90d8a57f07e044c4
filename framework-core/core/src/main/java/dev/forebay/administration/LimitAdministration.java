package dev.forebay.administration;

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
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/**
 * Limits that are set while a gateway runs: {@code POST /limits} with {@code {"limit": "tpm",
 * "key": "acme", "quota": 200000}}. Without a key it is the limit of all that have none of their
 * own. It holds at once, and until the gateway ends.
 */
public final class LimitAdministration {

  private static final long MAX_BODY_BYTES = 64 << 10;
  private static final String EXPECTED =
      "expected: {\"limit\": its name, \"key\": whose limit, \"quota\": a number above 0}";

  private final Gateway gateway;

  /** Of a gateway. */
  public LimitAdministration(Gateway gateway) {
    this.gateway = gateway;
  }

  /** Adds its route. */
  public void add(HttpRoutes routes) {
    routes.add(Listener.ADMINISTRATION, HttpRoute.post("/limits", MAX_BODY_BYTES, this::change));
  }

  private Future<RouteAnswer> change(RouteRequest request) {
    String limit;
    String key;
    Double quota;
    try {
      JsonObject asked = request.body().toJsonObject();
      limit = asked.getString("limit");
      key = asked.getString("key", "");
      quota = asked.getDouble("quota");
    } catch (DecodeException | ClassCastException e) {
      return refused(400, "invalid_request", EXPECTED);
    }
    if (limit == null || key == null || quota == null || !(quota > 0 && quota < 1e18)) {
      return refused(400, "invalid_request", EXPECTED);
    }
    String name = limit;
    return gateway
        .limit(name, key, quota)
        .recover(e -> refused(400, "invalid_request", String.valueOf(e.getMessage())))
        .compose(
            known ->
                known
                    ? Future.succeededFuture(new RouteAnswer(204, Headers.EMPTY, Buffer.buffer()))
                    : refused(
                        404, "not_found", "limit: " + name + " (expected: one of this gateway's)"));
  }

  private static <T> Future<T> refused(int status, String reason, String why) {
    return Future.failedFuture(Failure.of(Status.CALLER_FAULT, status, reason, why));
  }
}
