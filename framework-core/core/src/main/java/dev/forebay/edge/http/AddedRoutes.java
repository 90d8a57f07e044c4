package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import dev.forebay.spi.Caller;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.RouteAnswer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The routes that plugins have added to the edge, by their paths. */
final class AddedRoutes {

  private final List<HttpRoute> routes;

  AddedRoutes(List<HttpRoute> routes) {
    this.routes = routes;
  }

  /** A route that fits a path, and the parameters of the path as they were sent. */
  record Match(HttpRoute route, Map<String, String> parameters) {

    /** Asks its handler; fails with a {@link BadRequest} if the body is too large for it. */
    Future<RouteAnswer> ask(HttpServerRequest request, Caller caller, Buffer body) {
      if (body.length() > route.maxBody()) {
        String text = "the body is larger than " + route.maxBody() + " bytes";
        return Future.failedFuture(new BadRequest(413, "body_too_large", null, text));
      }
      Map<String, String> plain = new LinkedHashMap<>();
      parameters.forEach((name, value) -> plain.put(name, RequestPath.unescaped(value)));
      return route
          .handler()
          .handle(RouteMount.request(plain, request.params(), request, caller, body, false));
    }
  }

  /** Their paths, as a router takes them. */
  Set<String> paths() {
    return routes.stream()
        .map(HttpRoute::path)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Those of a path, for any method; no two are for one. */
  List<Match> find(String path) {
    if (routes.isEmpty()) {
      return List.of();
    }
    String[] words = path.split("/", -1);
    List<Match> found = new ArrayList<>();
    for (HttpRoute route : routes) {
      Map<String, String> parameters = match(route.path().split("/"), words);
      if (parameters != null) {
        found.add(new Match(route, parameters));
      }
    }
    return found;
  }

  private static @Nullable Map<String, String> match(String[] pattern, String[] words) {
    if (pattern.length != words.length) {
      return null;
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < words.length; i++) {
      if (pattern[i].startsWith(":") && !words[i].isEmpty()) {
        parameters.put(pattern[i].substring(1), words[i]);
      } else if (!pattern[i].equals(words[i])) {
        return null;
      }
    }
    return parameters;
  }
}
