package dev.forebay.examples;

// tag::monitored[]
import dev.forebay.administration.AdministrationOptions;
import dev.forebay.balancing.leastconnections.LeastConnections;
import dev.forebay.gateway.Gateway;
import dev.forebay.metrics.Metrics;
import dev.forebay.openai.OpenAi;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.options.Options;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** A gateway that shows its figures at {@code /metrics} of its administration. */
public final class MonitoredGateway {

  private MonitoredGateway() {}

  /** Starts it on a port, in front of an upstream. */
  public static Future<GatewayServer> start(
      Vertx vertx, int port, String upstream, AdministrationOptions administration) {
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(p -> p.balance(new LeastConnections()).backends(OpenAi.at("a", upstream)))
            .section(Options.defaults(Metrics.class))
            .build();
    return GatewayServer.of(gateway).administration(administration).listen(vertx, port);
  }
}
// end::monitored[]
