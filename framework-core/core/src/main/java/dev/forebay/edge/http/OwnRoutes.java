package dev.forebay.edge.http;

import dev.forebay.spi.Operation;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The routes that the edge has itself, by their paths. */
final class OwnRoutes {

  private static final List<String> MODEL_LISTS = List.of("/v1/models", "/models");

  /** Their paths. */
  static final List<String> PATHS = paths();

  private final Map<String, Route> routes = new LinkedHashMap<>();
  private final Route model;

  /**
   * What answers the requests of a path, and their method.
   *
   * @param refusals counts requests of another method; null if nobody does
   */
  record Route(
      HttpMethod method, Consumer<Incoming> handler, @Nullable Labelled<Counter> refusals) {

    /** Answers a request, or refuses its method. */
    void handle(Incoming incoming) {
      HttpMethod got = incoming.request().method();
      boolean get = method.equals(HttpMethod.GET);
      if (got.equals(method) || (get && got.equals(HttpMethod.HEAD))) {
        handler.accept(incoming);
        return;
      }
      if (refusals != null) {
        refusals.of("405", "method_not_allowed").increment();
      }
      Errors.wrongMethod(incoming.request(), get ? "GET, HEAD" : method.name());
    }
  }

  /**
   * Routes to what answers.
   *
   * @param refusals counts requests to operations whose method is not theirs
   */
  OwnRoutes(
      BiConsumer<Incoming, Operation> operations,
      ModelList models,
      Consumer<Incoming> alive,
      Consumer<Incoming> ready,
      Labelled<Counter> refusals) {
    for (Operation operation : Operation.values()) {
      Route route =
          new Route(HttpMethod.POST, incoming -> operations.accept(incoming, operation), refusals);
      routes.put(operation.path(), route);
      routes.put(withoutVersion(operation.path()), route);
    }
    Route list = new Route(HttpMethod.GET, models::list, null);
    MODEL_LISTS.forEach(path -> routes.put(path, list));
    routes.put("/healthz", new Route(HttpMethod.GET, alive, null));
    routes.put("/readyz", new Route(HttpMethod.GET, ready, null));
    model = new Route(HttpMethod.GET, models::show, null);
  }

  /** Adds them to a router. */
  void mount(Router router, Supplier<String> ids) {
    routes.forEach(
        (path, route) ->
            router.route(path).handler(context -> route.handle(Incoming.of(context, ids))));
    for (String list : MODEL_LISTS) {
      router.route(list + "/*").handler(context -> model.handle(Incoming.of(context, ids)));
    }
  }

  /** The route of a path; null if there is none. */
  @Nullable Route of(String path) {
    Route exact = routes.get(path);
    if (exact != null) {
      return exact;
    }
    String plain = RequestPath.plain(path);
    for (String list : MODEL_LISTS) {
      if (plain.startsWith(list + "/")) {
        return model;
      }
    }
    return routes.get(plain);
  }

  private static List<String> paths() {
    List<String> paths = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      paths.add(operation.path());
      paths.add(withoutVersion(operation.path()));
    }
    for (String list : MODEL_LISTS) {
      paths.add(list);
      paths.add(list + "/:model");
    }
    paths.add("/healthz");
    paths.add("/readyz");
    return List.copyOf(paths);
  }

  private static String withoutVersion(String path) {
    return path.substring("/v1".length());
  }
}
