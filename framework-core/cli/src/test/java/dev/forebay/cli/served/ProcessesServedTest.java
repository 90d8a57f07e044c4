package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.cli.Main;
import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The section {@code scaling} over the source {@code processes}, whose servers are emulated
 * upstreams in JVMs of their own: load rises, a second server starts, takes load, and is drained
 * again.
 */
@Timeout(300)
class ProcessesServedTest {

  private static String gateway(String command) {
    return """
    http: { port: 0, drain-timeout: 5s }
    administration: { port: 0 }
    models: [deepseek-flash]
    pipeline:
      - admit: { limit: { plugin: per-member, requests: 4 }, queue: fifo, max-wait: 60s }
      - balance: { by: least-connections, slow-start: 2s }
    discover:
      from: { plugin: processes, command: %s, health: /healthz, id: server }
      accept-empty: true
      backend: { plugin: openai, id: "{id}", url: "http://{address}" }
    scaling:
      interval: 300ms
      pools:
        - by:
            plugin: queue
            requests-per-second: 8
            down: { tolerance: 0.1, window: 2s }
          min: 1
          max: 2
          warm-up: 0s
    """
        .formatted(command);
  }

  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir Path folder = Path.of("");

  private String command() throws IOException {
    Path profile =
        Files.writeString(
            folder.resolve("upstream.yaml"),
            "time-scale: 4\nserver: { slots: 8, tokens-per-chunk: 8 }\n");
    return new JsonArray(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "emulate",
                profile.toString(),
                "--host",
                "{host}",
                "--port",
                "{port}"))
        .encode();
  }

  @Test
  void loadStartsAServerThatTakesItsShareAndIsDrainedAgain() throws Exception {
    Vertx vertx = Vertx.vertx();
    Registry registry = Registry.load(ProcessesServedTest.class.getClassLoader());
    Node document = Node.parse("gateway.yaml", gateway(command()), name -> null);
    GatewayServer server =
        Served.await(GatewayServer.start(vertx, GatewayDocument.read(document, registry)));
    try {
      until(server, endpoints -> endpoints.size() == 1);
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      Load load = new Load(server, answers);
      load.keep(12);
      until(server, endpoints -> endpoints.size() == 2 && dispatched(endpoints, 1) > 5);
      load.keep(0);
      until(server, endpoints -> endpoints.size() == 1);
      Map<Integer, Integer> statuses = new TreeMap<>();
      for (CompletableFuture<HttpResponse<String>> answer : load.all()) {
        HttpResponse<String> answered = answer.join();
        boolean whole = answered.statusCode() == 200 && answered.body().contains("[DONE]");
        statuses.merge(whole ? 200 : answered.statusCode() + 1_000, 1, Integer::sum);
      }
      assertEquals(List.of(200), List.copyOf(statuses.keySet()), "no failed request: " + statuses);
      assertTrue(decisions(server).contains("\"to\":2"), decisions(server));
      assertTrue(decisions(server).contains("\"to\":1"), decisions(server));
    } finally {
      Served.await(server.close());
      Served.await(vertx.close());
    }
  }

  /** Keeps so many streams open: each that ends begins another. */
  private final class Load {
    private final GatewayServer server;
    private final List<CompletableFuture<HttpResponse<String>>> all;
    private int wanted;

    Load(GatewayServer server, List<CompletableFuture<HttpResponse<String>>> all) {
      this.server = server;
      this.all = all;
    }

    synchronized void keep(int streams) {
      int more = streams - wanted;
      wanted = streams;
      for (int i = 0; i < more; i++) {
        ask(i);
      }
    }

    private synchronized void ask(int place) {
      if (place < wanted) {
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
                .POST(HttpRequest.BodyPublishers.ofString(Served.chat(true, 60)))
                .build();
        CompletableFuture<HttpResponse<String>> answer =
            http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        all.add(answer);
        answer.whenComplete((done, broken) -> ask(place));
      }
    }

    synchronized List<CompletableFuture<HttpResponse<String>>> all() {
      return List.copyOf(all);
    }
  }

  private static int dispatched(JsonArray endpoints, int index) {
    return endpoints.getJsonObject(index).getInteger("dispatched");
  }

  /** Asks the administration again and again; the test's timeout bounds the wait. */
  private void until(GatewayServer server, Predicate<JsonArray> condition) throws Exception {
    while (!condition.test(endpoints(server))) {
      Thread.onSpinWait();
    }
  }

  private JsonArray endpoints(GatewayServer server) throws IOException, InterruptedException {
    return new JsonObject(administration(server, "/state"))
        .getJsonObject("stages")
        .getJsonObject("balance")
        .getJsonArray("endpoints");
  }

  private String decisions(GatewayServer server) throws IOException, InterruptedException {
    return administration(server, "/scaling");
  }

  private String administration(GatewayServer server, String path)
      throws IOException, InterruptedException {
    URI at = URI.create("http://127.0.0.1:" + server.administrationPort() + path);
    return http.send(HttpRequest.newBuilder(at).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
