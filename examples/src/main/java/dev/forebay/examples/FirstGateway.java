package dev.forebay.examples;

// tag::program[]
import dev.forebay.balancing.consecutivefailures.ConsecutiveFailures;
import dev.forebay.balancing.prefixaffinity.PrefixAffinity;
import dev.forebay.caching.lru.Lru;
import dev.forebay.gateway.Gateway;
import dev.forebay.limiting.knee.Knee;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.openai.Continues;
import dev.forebay.openai.OpenAi;
import dev.forebay.queuing.priority.Priority;
import dev.forebay.queuing.shortest.Shortest;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.stream.Stream;

/** A gateway in front of servers with an OpenAI-compatible API. */
public final class FirstGateway {

  private FirstGateway() {}

  /** Runs it on port 8080, in front of the servers whose URLs are given. */
  public static void main(String[] urls) {
    Vertx vertx = Vertx.vertx();
    Future.succeededFuture(urls)
        .compose(given -> start(vertx, 8080, given))
        .onSuccess(server -> System.out.println("listening on port " + server.port()))
        .onFailure(
            e -> {
              System.err.println(e.getMessage());
              vertx.close();
            });
  }

  // tag::gateway[]
  static Future<GatewayServer> start(Vertx vertx, int port, String... urls) {
    if (urls.length == 0) {
      return Future.failedFuture("urls: none (expected: the URL of each server)");
    }
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                p ->
                    p.deadline(Duration.ofSeconds(60))
                        .rateLimit(TokenBucket.per(Per.IP).withRate(10).withBurst(5))
                        .cache(Lru.entries(1024))
                        .resume()
                        .retry(3)
                        .hedge()
                        .admit(Knee.defaults(), Priority.vipsFirst(Shortest.defaults()))
                        .balance(PrefixAffinity.defaults())
                        .health(ConsecutiveFailures.defaults())
                        .backends(Stream.of(urls).map(FirstGateway::upstream).toList()))
            .build();
    return GatewayServer.of(gateway).listen(vertx, port);
  }

  /** A server that can go on with an answer that broke off: vLLM, SGLang or llama.cpp. */
  private static OpenAi upstream(String url) {
    return OpenAi.at(url).withContinues(Continues.FINAL_MESSAGE);
  }
  // end::gateway[]
}
// end::program[]
