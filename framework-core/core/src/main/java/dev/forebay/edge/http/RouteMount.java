package dev.forebay.edge.http;

import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Mounts the routes that plugins have added to the administration, and writes their answers. */
public final class RouteMount implements Consumer<Router> {

  private final List<HttpRoute> routes;

  /** A mount of routes whose handlers may be called from any thread. */
  public RouteMount(List<HttpRoute> routes) {
    this.routes = List.copyOf(routes);
  }

  @Override
  public void accept(Router router) {
    for (HttpRoute each : routes) {
      Route route = router.route(HttpMethod.valueOf(each.method()), each.path());
      if (each.maxBody() > 0) {
        route.handler(BodyHandler.create(false).setBodyLimit(each.maxBody()));
      }
      route.handler(context -> answer(each, context));
    }
  }

  private static void answer(HttpRoute route, RoutingContext context) {
    Buffer body = context.body() == null ? null : context.body().buffer();
    String address = context.request().remoteAddress().hostAddress();
    Caller caller = Caller.at(address == null ? "" : address);
    RouteRequest request =
        request(context.pathParams(), context.queryParams(), context.request(), caller, body);
    route
        .handler()
        .handle(request)
        .onComplete((answer, thrown) -> write(context.response(), answer, thrown));
  }

  /** A request as handlers see it. */
  static RouteRequest request(
      Map<String, String> parameters,
      MultiMap query,
      HttpServerRequest request,
      Caller caller,
      @Nullable Buffer body) {
    Map<String, List<String>> queried = new LinkedHashMap<>();
    query.names().forEach(name -> queried.put(name, query.getAll(name)));
    return new RouteRequest(
        parameters,
        queried,
        RequestHead.of(request),
        caller,
        body == null ? Buffer.buffer() : body);
  }

  /** Writes an answer, or why there is none. */
  static void write(
      HttpServerResponse response, @Nullable RouteAnswer answer, @Nullable Throwable thrown) {
    if (response.closed() || response.ended()) {
      if (answer != null && answer.stream() != null) {
        answer.stream().cancel();
      }
      return;
    }
    if (answer == null) {
      Throwable why = thrown == null ? Failure.internal("no answer", null) : thrown;
      Errors.write(response, Failure.from(why));
      return;
    }
    response.setStatusCode(answer.status());
    answer.headers().entries().forEach(each -> response.putHeader(each.getKey(), each.getValue()));
    if (answer.stream() == null) {
      Errors.end(response, answer.body());
    } else {
      StreamedAnswer.write(response, answer.body(), answer.stream());
    }
  }
}
