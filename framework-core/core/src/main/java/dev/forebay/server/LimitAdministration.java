package dev.forebay.server;

import dev.forebay.gateway.Gateway;
import io.vertx.core.AsyncResult;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;

/**
 * Limits that are set while a gateway runs: {@code POST /limits} with {@code {"limit": "tpm",
 * "key": "acme", "quota": 200000}}. Without a key it is the limit of all that have none of their
 * own. It holds at once, and until the gateway ends.
 */
final class LimitAdministration {

  private static final long MAX_BODY_BYTES = 64 << 10;

  private final Gateway gateway;

  LimitAdministration(Gateway gateway) {
    this.gateway = gateway;
  }

  void mount(Router router) {
    router
        .route(HttpMethod.POST, "/limits")
        .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES))
        .handler(this::change);
  }

  private void change(RoutingContext context) {
    String limit;
    String key;
    Double quota;
    try {
      JsonObject asked = context.body().asJsonObject();
      limit = asked == null ? null : asked.getString("limit");
      key = asked == null ? "" : asked.getString("key", "");
      quota = asked == null ? null : asked.getDouble("quota");
    } catch (DecodeException | ClassCastException e) {
      limit = null;
      key = "";
      quota = null;
    }
    if (limit == null || key == null || quota == null || !(quota > 0 && quota < 1e18)) {
      refuse(
          context,
          400,
          "expected: {\"limit\": its name, \"key\": whose limit, \"quota\": a number above 0}");
      return;
    }
    String name = limit;
    gateway.limit(name, key, quota).onComplete(done -> changed(context, name, done));
  }

  private static void changed(RoutingContext context, String name, AsyncResult<Boolean> done) {
    if (done.failed()) {
      refuse(context, 400, String.valueOf(done.cause().getMessage()));
    } else if (done.result()) {
      context.response().setStatusCode(204).end();
    } else {
      refuse(context, 404, "limit: " + name + " (expected: one of this gateway's)");
    }
  }

  private static void refuse(RoutingContext context, int status, String why) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(new JsonObject().put("error", new JsonObject().put("message", why)).toBuffer());
  }
}
