package dev.forebay.benchmarks;

import dev.forebay.balancing.leastconnections.LeastConnections;
import dev.forebay.gateway.Gateway;
import dev.forebay.openai.OpenAi;
import dev.forebay.server.GatewayServer;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.forebay.simulation.http.EmulatorProfile;
import dev.forebay.spi.Registration;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How soon an upstream hears that a caller of the gateway has left. */
final class Leaving {

  private static final int TOKENS = 1_000_000;

  private Leaving() {}

  /**
   * Opens streams one after the other, closes each connection after the first bytes, and waits for
   * the upstream's log to say so.
   *
   * @param times how often, 1 to 10,000
   * @return milliseconds from the close to the entry in the log, in rising order
   */
  static List<Double> run(int times, PrintStream out) throws Exception {
    if (times < 1 || times > 10_000) {
      throw new IllegalArgumentException("times: " + times + " (expected: 1 to 10000)");
    }
    Vertx vertx = Vertx.vertx();
    try {
      Emulator upstream = Emulator.start(vertx, EmulatorProfile.DEFAULT, request -> TOKENS).await();
      Gateway gateway =
          Gateway.builder(vertx)
              .pipeline(
                  p ->
                      p.retry(2)
                          .balance(new LeastConnections())
                          .backends(OpenAi.at("a", upstream.url())))
              .build();
      GatewayServer server = GatewayServer.of(gateway).listen(vertx, 0).await();
      HttpClient client = vertx.createHttpClient();
      List<Double> millis = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        millis.add(leave(client, server.port(), upstream));
      }
      server.close().await();
      List<Double> sorted = millis.stream().sorted().toList();
      out.printf(
          Locale.ROOT,
          "%d callers left: the upstream's log says so after %.2f ms (median), %.2f ms (p99), %.2f"
              + " ms (longest)%n",
          times,
          Figures.median(sorted),
          sorted.get((int) Math.ceil(0.99 * times) - 1),
          sorted.getLast());
      return sorted;
    } finally {
      vertx.close().await();
    }
  }

  private static double leave(HttpClient client, int port, Emulator upstream) throws Exception {
    CompletableFuture<Long> heard = new CompletableFuture<>();
    CompletableFuture<HttpClientRequest> begun = new CompletableFuture<>();
    Registration listening =
        upstream.onEvent(
            event -> {
              if (event.kind() == EmulatorEvent.Kind.CANCELLED) {
                heard.complete(System.nanoTime());
              }
            });
    client
        .request(HttpMethod.POST, port, "127.0.0.1", "/v1/chat/completions")
        .onSuccess(
            request ->
                request
                    .send(
                        Buffer.buffer(
                            "{\"model\":\"deepseek-flash\",\"stream\":true,"
                                + "\"messages\":[{\"role\":\"user\",\"content\":\"go on\"}]}"))
                    .onSuccess(response -> response.handler(piece -> begun.complete(request))))
        .onFailure(begun::completeExceptionally);
    HttpClientRequest request = begun.get(20, TimeUnit.SECONDS);
    long left = System.nanoTime();
    request.connection().close();
    double millis = (heard.get(20, TimeUnit.SECONDS) - left) / 1e6;
    listening.cancel();
    return millis;
  }
}
