package dev.forebay.administration;

import dev.forebay.gateway.Gateway;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;

/**
 * The endpoints on the administration's listener: {@code GET /endpoints} shows them by pool, {@code
 * POST /pools/POOL/endpoints/ID/drain} and {@code …/undrain} take one out and back, {@code POST
 * /pools/POOL/accounts/ACCOUNT/reload} brings an account back.
 */
final class Endpoints {

  private final Gateway gateway;

  Endpoints(Gateway gateway) {
    this.gateway = gateway;
  }

  void add(HttpRoutes routes) {
    routes.add(
        Listener.ADMINISTRATION,
        HttpRoute.get("/endpoints", request -> Future.succeededFuture(json(now()))));
    change(
        routes,
        "/pools/:pool/endpoints/:name/drain",
        request -> gateway.drain(request.parameter("pool"), request.parameter("name")));
    change(
        routes,
        "/pools/:pool/endpoints/:name/undrain",
        request -> gateway.undrain(request.parameter("pool"), request.parameter("name")));
    change(
        routes,
        "/pools/:pool/accounts/:name/reload",
        request ->
            gateway.pool(request.parameter("pool")).reloadAccount(request.parameter("name")));
  }

  private void change(
      HttpRoutes routes, String path, Function<RouteRequest, Future<Boolean>> change) {
    routes.add(
        Listener.ADMINISTRATION,
        HttpRoute.post(
            path,
            0,
            request ->
                gateway.pools().contains(request.parameter("pool"))
                    ? change.apply(request).compose(Endpoints::changed)
                    : changed(false)));
  }

  private static Future<RouteAnswer> changed(boolean known) {
    String why = "there is no such pool, or nothing so named in it";
    return known
        ? Future.succeededFuture(json(new JsonObject().put("done", true)))
        : Future.failedFuture(Failure.of(Status.CALLER_FAULT, 404, "not_found", why));
  }

  private JsonObject now() {
    JsonObject pools = new JsonObject();
    for (String pool : gateway.pools()) {
      JsonObject state = StateJson.of(gateway.pool(pool).state());
      gateway.discovery(pool).ifPresent(found -> state.put("discovery", StateJson.of(found)));
      pools.put(pool, state);
    }
    return new JsonObject().put("pools", pools);
  }

  private static RouteAnswer json(JsonObject body) {
    return RouteAnswer.json(200, Buffer.buffer(body.encodePrettily()).appendString("\n"));
  }
}
