package dev.forebay.edge.http;

import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Timeline;
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
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Mounts the routes that plugins have added to the administration, and writes their answers. */
public final class RouteMount implements Consumer<Router> {

  /** How long an asker of the administration may stop reading a stream. */
  private static final Duration STALL = EdgeOptions.DEFAULTS.stallTimeout();

  private final List<HttpRoute> routes;
  private final Predicate<HttpServerRequest> trusts;

  /**
   * A mount of routes whose handlers may be called from any thread.
   *
   * @param trusts which requests may see what is secret
   */
  public RouteMount(List<HttpRoute> routes, Predicate<HttpServerRequest> trusts) {
    this.routes = List.copyOf(routes);
    this.trusts = trusts;
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

  private void answer(HttpRoute route, RoutingContext context) {
    Buffer body = context.body() == null ? null : context.body().buffer();
    String address = context.request().remoteAddress().hostAddress();
    Caller caller = Caller.at(address == null ? "" : address);
    RouteRequest request =
        request(
            context.pathParams(),
            context.queryParams(),
            context.request(),
            caller,
            body,
            trusts.test(context.request()));
    Timeline timeline = VertxTimeline.of(context.vertx().getOrCreateContext());
    route
        .handler()
        .handle(request)
        .onComplete(
            (answer, thrown) ->
                timeline.execute(() -> write(context.request(), timeline, STALL, answer, thrown)));
  }

  /** A request as handlers see it. */
  static RouteRequest request(
      Map<String, String> parameters,
      MultiMap query,
      HttpServerRequest request,
      Caller caller,
      @Nullable Buffer body,
      boolean trusted) {
    Map<String, List<String>> queried = new LinkedHashMap<>();
    query.names().forEach(name -> queried.put(name, query.getAll(name)));
    return new RouteRequest(
        parameters,
        queried,
        RequestHead.of(request),
        caller,
        body == null ? Buffer.buffer() : body,
        trusted);
  }

  /**
   * Writes an answer, or why there is none.
   *
   * @param timeline of the response
   * @param stallTimeout how long the asker may stop reading a stream
   */
  static void write(
      HttpServerRequest request,
      Timeline timeline,
      Duration stallTimeout,
      @Nullable RouteAnswer answer,
      @Nullable Throwable thrown) {
    HttpServerResponse response = request.response();
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
    } else if (request.method().equals(HttpMethod.HEAD)) {
      answer.stream().cancel();
      response.setChunked(true).end();
    } else {
      StreamedAnswer.write(request, timeline, stallTimeout, answer.body(), answer.stream());
    }
  }
}
