package dev.forebay.server;

import dev.forebay.edge.EndpointRoutes;
import dev.forebay.gateway.Gateway;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;

/** The endpoints of a gateway, as its administration shows and changes them. */
final class Endpoints implements EndpointRoutes.Control {

  private final Gateway gateway;

  Endpoints(Gateway gateway) {
    this.gateway = gateway;
  }

  @Override
  public Future<JsonObject> endpoints() {
    Promise<JsonObject> shown = Promise.promise();
    gateway.timeline().execute(() -> shown.complete(now()));
    return shown.future();
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

  @Override
  public Future<Boolean> drain(String pool, String endpoint, boolean begin) {
    if (!gateway.pools().contains(pool)) {
      return Future.succeededFuture(false);
    }
    return begin ? gateway.drain(pool, endpoint) : gateway.undrain(pool, endpoint);
  }

  @Override
  public Future<Boolean> reload(String pool, String account) {
    return gateway.pools().contains(pool)
        ? gateway.pool(pool).reloadAccount(account)
        : Future.succeededFuture(false);
  }
}
