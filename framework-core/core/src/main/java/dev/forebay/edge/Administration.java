package dev.forebay.edge;

import dev.forebay.spi.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A listener for those who run the gateway, apart from its callers': {@code GET /state} (endpoints,
 * queues, limits as JSON), {@code /healthz}, and what others add. Web pages and names of strangers
 * are refused, for all routes.
 */
public final class Administration {

  /** The paths of its own routes. */
  public static final List<String> PATHS = List.of("/state", "/healthz");

  private final AdministrationOptions options;
  private final Supplier<Future<JsonObject>> state;
  private final List<Consumer<Router>> more = new ArrayList<>();
  private volatile @Nullable HttpServer server;
  private volatile @Nullable Place place;

  /**
   * An administration, not yet listening.
   *
   * @param state what {@code /state} shows; asked each time
   */
  public Administration(AdministrationOptions options, Supplier<Future<JsonObject>> state) {
    this.options = options;
    this.state = state;
  }

  /** Adds further routes, when it is mounted. */
  public Administration with(Consumer<Router> routes) {
    more.add(routes);
    return this;
  }

  /**
   * Adds the routes to a router, which may have others, such as one for metrics. Who asks is
   * checked by the {@linkplain #listen(Vertx, Router) listener}: a host that has another one checks
   * it there.
   */
  public void mount(Router router) {
    router.route(HttpMethod.GET, "/state").handler(this::state);
    router
        .route(HttpMethod.GET, "/healthz")
        .handler(context -> json(context, 200, new JsonObject().put("status", "ok")));
    more.forEach(routes -> routes.accept(router));
  }

  /** Listens where the options say. */
  public Future<Administration> listen(Vertx vertx) {
    Router router = Router.router(vertx);
    mount(router);
    return listen(vertx, router);
  }

  /**
   * Listens with a router that has more routes than these. In front of all of them comes the check
   * of who asks; HEAD is answered as GET.
   */
  public Future<Administration> listen(Vertx vertx, Router router) {
    router.route().order(-2).handler(new AdministrationGuard(options));
    router
        .route()
        .order(-1)
        .method(HttpMethod.HEAD)
        .handler(context -> context.reroute(HttpMethod.GET, context.request().uri()));
    router
        .route()
        .handler(
            context ->
                Errors.write(
                    context.response(),
                    new BadRequest(
                        404,
                        "not_found",
                        null,
                        "unknown path (expected: /state, /endpoints or /healthz)")));
    HttpServer made =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(options.host())
                    .setPort(options.port())
                    .setHttp2ClearTextEnabled(false)) // there, Host has another name
            .requestHandler(router);
    Place taken = new Place(vertx, options.host(), options.port());
    place = taken;
    return taken
        .listen(made::listen)
        .map(
            listening -> {
              server = listening;
              return this;
            });
  }

  /** The port that it listens on; 0 where it does not. */
  public int port() {
    HttpServer own = server;
    return own == null ? 0 : own.actualPort();
  }

  /** Gives the port back. */
  public Future<Void> close() {
    HttpServer own = server;
    server = null;
    Place taken = place;
    return own == null
        ? Future.succeededFuture()
        : own.close()
            .onComplete(
                closed -> {
                  if (taken != null) {
                    taken.giveBack();
                  }
                });
  }

  private void state(RoutingContext context) {
    Future<JsonObject> asked;
    try {
      asked = state.get();
    } catch (RuntimeException e) {
      asked = Future.failedFuture(e);
    }
    asked.onComplete(
        (shown, thrown) -> {
          if (shown != null) {
            json(context, 200, shown);
          } else {
            Failure failure =
                Failure.from(thrown == null ? Failure.internal("no state", null) : thrown);
            Errors.write(context.response(), failure);
          }
        });
  }

  static void json(RoutingContext context, int status, JsonObject body) {
    context.response().setStatusCode(status).putHeader("content-type", "application/json");
    Errors.end(context.response(), Buffer.buffer(body.encodePrettily()).appendString("\n"));
  }
}
