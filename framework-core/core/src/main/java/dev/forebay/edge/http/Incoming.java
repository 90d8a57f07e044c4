package dev.forebay.edge.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request as it comes to the edge, from its own server or from a router of the host's.
 *
 * @param request on the wire
 * @param mount the path below which the edge is mounted, without a slash at its end; empty for none
 * @param id which its answer shows
 * @param vertx whose event loop it came on
 * @param body what the host has read of it already; null where it has not
 * @param onOver takes an action that is run when the response has ended or the caller has gone;
 *     perhaps twice
 */
record Incoming(
    HttpServerRequest request,
    String mount,
    RequestId id,
    Vertx vertx,
    @Nullable Buffer body,
    Consumer<Runnable> onOver) {

  /** A request that a router of the host's has. */
  static Incoming of(RoutingContext context, Supplier<String> ids) {
    HttpServerRequest request = context.request();
    Buffer read = request.isEnded() && context.body() != null ? context.body().buffer() : null;
    String mount = context.mountPoint();
    return new Incoming(
        request,
        mount == null ? "" : mount.replaceFirst("/\\*?$", ""),
        RequestId.name(request, ids),
        context.vertx(),
        read,
        over -> context.addEndHandler(done -> over.run()));
  }

  /** Its path as the edge knows paths: below its mount, with single slashes. */
  String path() {
    String path = request.path() == null ? "" : request.path();
    return RequestPath.plain(path.startsWith(mount) ? path.substring(mount.length()) : path);
  }

  /** A place of the edge that an answer names, as the caller can ask for it. */
  String below(String place) {
    return place.startsWith("/") ? mount + place : place;
  }

  HttpServerResponse response() {
    return request.response();
  }

  /** Answers with JSON. */
  void answer(int status, JsonObject body) {
    response().setStatusCode(status).putHeader("content-type", "application/json");
    Errors.end(response(), body.toBuffer());
  }
}
