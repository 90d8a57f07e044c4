package dev.forebay.livepage;

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
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The page, its parts, and its data, on the listener of the administration. */
final class PageRoutes {

  /** Nothing but the page's own scripts and styles: no inline script, no other host. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  private final Monitor monitor;

  PageRoutes(Monitor monitor) {
    this.monitor = monitor;
  }

  void add(HttpRoutes routes) {
    file(routes, "/live", "live.html", "text/html; charset=utf-8");
    file(routes, "/live/live.css", "live.css", STYLE);
    file(routes, "/live/icon.svg", "icon.svg", "image/svg+xml");
    file(routes, "/live/uPlot.min.css", "uPlot.min.css", STYLE);
    file(routes, "/live/uPlot.iife.min.js", "uPlot.iife.min.js", SCRIPT);
    file(routes, "/live/uPlot.LICENSE.txt", "uPlot.LICENSE.txt", "text/plain; charset=utf-8");
    for (String script : List.of("main.js", "charts.js", "tables.js", "text.js")) {
      file(routes, "/live/" + script, script, SCRIPT);
    }
    routes.add(Listener.ADMINISTRATION, HttpRoute.get("/live/data", this::data));
  }

  private static void file(HttpRoutes routes, String path, String name, String type) {
    RouteAnswer answer = answer(type, "no-cache", read(name));
    routes.add(
        Listener.ADMINISTRATION, HttpRoute.get(path, request -> Future.succeededFuture(answer)));
  }

  private static Buffer read(String name) {
    try (InputStream in = PageRoutes.class.getResourceAsStream("page/" + name)) {
      if (in == null) {
        throw new IllegalStateException("page/" + name + ": not in the jar");
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Future<RouteAnswer> data(RouteRequest request) {
    List<String> given = request.query().getOrDefault("since", List.of("-1"));
    String since = String.join(" and ", given);
    if (!since.matches("-1|[0-9]{1,18}")) {
      return Future.failedFuture(
          Failure.of(
              Status.CALLER_FAULT,
              400,
              "invalid_request",
              "since: expected -1, or the number of a sample"));
    }
    return Future.succeededFuture(
        answer("application/json", "no-store", monitor.data(Long.parseLong(since))));
  }

  private static RouteAnswer answer(String type, String caching, Buffer body) {
    Headers headers =
        Headers.of("content-type", type)
            .with("cache-control", caching)
            .with("content-security-policy", POLICY)
            .with("x-content-type-options", "nosniff")
            .with("referrer-policy", "no-referrer");
    return new RouteAnswer(200, headers, body);
  }
}
