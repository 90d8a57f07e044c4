package dev.forebay.edge.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request as it comes to the edge, from its own server or from a router of the host's.
 *
 * @param request on the wire
 * @param vertx whose event loop it came on
 * @param body what the host has read of it already; null where it has not
 * @param onOver takes an action that is run when the response has ended or the caller has gone;
 *     perhaps twice
 */
record Incoming(
    HttpServerRequest request, Vertx vertx, @Nullable Buffer body, Consumer<Runnable> onOver) {

  HttpServerResponse response() {
    return request.response();
  }
}
