package dev.forebay.llama.server;

import dev.forebay.gateway.Gateway;
import dev.forebay.llama.Llama;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;

/** A server for tests: a gateway around the backend llama, on a port that is given. */
final class ChildMain {

  private ChildMain() {}

  public static void main(String[] arguments) {
    Vertx vertx = Vertx.vertx();
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                p ->
                    p.backends(
                        Llama.of("child", arguments[1])
                            .withSlots(2)
                            .withContext(1024)
                            .withQueue(100)))
            .build();
    GatewayServer.of(gateway)
        .listen(vertx, Integer.parseInt(arguments[0]))
        .onFailure(thrown -> Runtime.getRuntime().halt(1));
  }
}
