package dev.forebay.edge;

import dev.forebay.spi.Failure;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The endpoints on the administration's listener: {@code GET /endpoints} shows them by pool, {@code
 * POST /pools/POOL/endpoints/ID/drain} and {@code …/undrain} take one out and back, {@code POST
 * /pools/POOL/accounts/ACCOUNT/reload} brings an account back.
 */
public final class EndpointRoutes implements Consumer<Router> {

  private final Control control;

  /** Routes to what a gateway lets be seen and changed. */
  public EndpointRoutes(Control control) {
    this.control = control;
  }

  /** What can be seen and changed of a gateway's endpoints. */
  public interface Control {

    /** The state of all, by pool. */
    Future<JsonObject> endpoints();

    /** Takes an endpoint out, or back; false where there is no such pool or endpoint. */
    Future<Boolean> drain(String pool, String endpoint, boolean begin);

    /** Brings an account back; false where there is no such pool or account. */
    Future<Boolean> reload(String pool, String account);
  }

  @Override
  public void accept(Router router) {
    router
        .route(HttpMethod.GET, "/endpoints")
        .handler(
            context ->
                control
                    .endpoints()
                    .onSuccess(shown -> Administration.json(context, 200, shown))
                    .onFailure(e -> Errors.write(context.response(), Failure.from(e))));
    post(
        router.route(HttpMethod.POST, "/pools/:pool/endpoints/:name/drain"),
        context -> control.drain(context.pathParam("pool"), context.pathParam("name"), true));
    post(
        router.route(HttpMethod.POST, "/pools/:pool/endpoints/:name/undrain"),
        context -> control.drain(context.pathParam("pool"), context.pathParam("name"), false));
    post(
        router.route(HttpMethod.POST, "/pools/:pool/accounts/:name/reload"),
        context -> control.reload(context.pathParam("pool"), context.pathParam("name")));
  }

  private static void post(Route route, Function<RoutingContext, Future<Boolean>> change) {
    route.handler(
        context ->
            change
                .apply(context)
                .onSuccess(known -> changed(context, known))
                .onFailure(e -> Errors.write(context.response(), Failure.from(e))));
  }

  private static void changed(RoutingContext context, boolean known) {
    if (known) {
      Administration.json(context, 200, new JsonObject().put("done", true));
    } else {
      String why = "there is no such pool, or nothing so named in it";
      Errors.write(context.response(), new BadRequest(404, "not_found", null, why));
    }
  }
}
