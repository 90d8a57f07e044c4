package dev.forebay.examples;

import dev.forebay.balancing.leastconnections.LeastConnections;
import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.openai.Continues;
import dev.forebay.openai.OpenAi;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;

/** Two pools by model, callers with keys, and a limit for each tenant. */
final class TwoPools {

  private TwoPools() {}

  // tag::gateway[]
  static Future<GatewayServer> start(Vertx vertx, int port, String large, String small) {
    OpenAi house = OpenAi.at("house", small).withContinues(Continues.FINAL_MESSAGE);
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(p -> p.rateLimit(TokenBucket.per(Per.TENANT).withRate(10).withBurst(20)))
            .pool(
                "large",
                p ->
                    p.models("deepseek-v4-pro")
                        .fallback("small")
                        .balance(new LeastConnections())
                        .backends(OpenAi.at("deepseek", large)))
            .pool("small", p -> p.models("deepseek-flash").resume().retry(3).backends(house))
            .build();
    return GatewayServer.of(gateway)
        .keys(List.of(KeyOptions.of("acme-1", "a key of 16 or more characters", "acme")))
        .listen(vertx, port);
  }
  // end::gateway[]
}
