package dev.forebay.examples;

import dev.forebay.gateway.Gateway;
import dev.forebay.openai.OpenAi;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.util.function.Consumer;

/** A gateway below a path of an application that has a router already. */
final class EmbeddedGateway {

  private EmbeddedGateway() {}

  // tag::mount[]
  /** Adds {@code /ai/v1/chat/completions} and the others; close what is returned at the end. */
  static GatewayServer mount(Vertx vertx, Router application, String url, Consumer<String> log) {
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                p ->
                    p.filter("access-log", new AccessLog(log))
                        .retry(2)
                        .backends(OpenAi.at("upstream", url)))
            .build();
    Router ai = Router.router(vertx);
    GatewayServer server = GatewayServer.of(gateway).mount(ai);
    application.route("/ai/*").subRouter(ai);
    return server;
  }
  // end::mount[]
}
