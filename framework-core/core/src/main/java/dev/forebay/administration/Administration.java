package dev.forebay.administration;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.http.CacheKeyOptions;
import dev.forebay.edge.http.Errors;
import dev.forebay.edge.http.Json;
import dev.forebay.edge.http.Octets;
import dev.forebay.edge.http.Place;
import dev.forebay.edge.http.PromptKeys;
import dev.forebay.edge.http.RouteMount;
import dev.forebay.gateway.Gateway;
import dev.forebay.spi.Failure;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A listener for those who run the gateway, apart from its callers': {@code GET /state} (endpoints,
 * queues, limits as JSON), {@code /healthz}, {@code /token}, and what others add. Web pages and
 * names of strangers are refused, for all routes; so is what changes something without the token,
 * if there is one.
 */
public final class Administration {

  /** The paths of its own routes. */
  public static final List<String> PATHS = List.of("/state", "/healthz", "/token");

  private final AdministrationOptions options;
  private final TokenGuard token;
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
    this.token = new TokenGuard(options.token());
    this.state = state;
  }

  /**
   * Adds the routes by which a gateway's endpoints, caches and limits are looked at and changed.
   *
   * @param promptKeys the identities of the prompts that its edge sees
   * @param cacheKey what these depend on
   */
  public static void addRoutes(
      HttpRoutes routes, Gateway gateway, PromptKeys promptKeys, CacheKeyOptions cacheKey) {
    new CacheAdministration(gateway, promptKeys, cacheKey).add(routes);
    new LimitAdministration(gateway).add(routes);
    new Endpoints(gateway).add(routes);
  }

  /** Adds further routes, when it is mounted. */
  public Administration with(Consumer<Router> routes) {
    more.add(routes);
    return this;
  }

  /** Adds the routes of plugins. */
  public Administration withRoutes(List<HttpRoute> routes) {
    return with(new RouteMount(routes, token::trusts));
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
    router.route(HttpMethod.GET, "/token").handler(this::token);
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
    router.route().order(-3).handler(new AdministrationGuard(options));
    router.route().order(-2).handler(token);
    router
        .route()
        .order(-1)
        .handler(
            context -> {
              if (context.request().method().equals(HttpMethod.HEAD)) {
                context.reroute(HttpMethod.GET, context.request().uri());
              } else {
                context.next();
              }
            });
    router.errorHandler(404, context -> Errors.unknownPath(context.request(), paths(router)));
    router.errorHandler(
        405, context -> Errors.wrongMethod(context.request(), allowed(router, context)));
    HttpServer made =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(options.host())
                    .setPort(options.port())
                    .setHttp2ClearTextEnabled(false)) // there, Host has another name
            .requestHandler(request -> route(request, router));
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

  /** Routers throw at a Host that they cannot read. */
  private static void route(HttpServerRequest request, Router router) {
    List<String> hosts = request.headers().getAll("host");
    if (hosts.size() == 1 && Octets.isHost(hosts.get(0))) {
      router.handle(request);
    } else {
      String shown = Json.shown(hosts.size() == 1 ? hosts.get(0) : hosts.size() + " of them");
      Errors.write(
          request.response(),
          new BadRequest(
              400, "bad_http", null, "Host: " + shown + " (expected: one name or address)"));
    }
  }

  private static Set<String> paths(Router router) {
    Set<String> paths = new LinkedHashSet<>();
    for (Route route : router.getRoutes()) {
      if (route.getPath() != null) {
        paths.add(route.getPath());
      }
    }
    return paths;
  }

  /** The methods of a request's path. */
  private static String allowed(Router router, RoutingContext context) {
    Set<String> methods = new LinkedHashSet<>();
    for (Route route : router.getRoutes()) {
      if (route.methods() != null && isAt(route.getPath(), context.normalizedPath())) {
        route.methods().forEach(method -> methods.add(method.name()));
      }
    }
    return String.join(", ", methods).replace("GET", "GET, HEAD");
  }

  /** Whether a path is that of a route, in which a word after a colon stands for any. */
  private static boolean isAt(@Nullable String route, String path) {
    return route != null
        && path.matches("\\Q" + route.replaceAll(":[A-Za-z0-9_]+", "\\\\E[^/]+\\\\Q") + "\\E/?");
  }

  /** Whether there is a token, and whether the request shows it. */
  private void token(RoutingContext context) {
    JsonObject told = new JsonObject().put("configured", token.configured());
    json(context, 200, told.put("shown", token.shown(context.request())));
  }

  private void state(RoutingContext context) {
    Future<JsonObject> asked;
    try {
      asked = state.get();
    } catch (RuntimeException | LinkageError e) {
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
