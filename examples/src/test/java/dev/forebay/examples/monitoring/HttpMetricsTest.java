package dev.forebay.examples.monitoring;

import static dev.forebay.examples.monitoring.Documents.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.SharedMetricRegistries;
import dev.forebay.administration.AdministrationOptions;
import dev.forebay.examples.MonitoredGateway;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A scripted run over HTTP: the figures at {@code /metrics} are the load generator's counts. */
@Timeout(300)
class HttpMetricsTest {

  private static final String GATEWAY =
      """
      http: { port: 0, drain-timeout: 1s }
      administration: { port: 0 }
      metrics: { registry: http-metrics-test, native-histograms: true }
      pipeline:
        - cache: { store: lru }
        - balance: round-robin
      models: [m, n]
      backends:
        - { plugin: simulated, id: good, server: { slots: 200, decode-step-millis: 1 } }
        - { plugin: simulated, id: bad, faults: [{ kind: fail, amount: 0.4 }] }
      """;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, Integer> codes = new TreeMap<>();
  private int hits;
  private int joined;
  private int promptTokens;
  private int completionTokens;

  @AfterEach
  void stop() throws Exception {
    done(vertx.close());
    SharedMetricRegistries.remove("http-metrics-test");
  }

  private CompletableFuture<HttpResponse<String>> ask(GatewayServer server, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private void count(HttpResponse<String> answer) {
    codes.merge(Integer.toString(answer.statusCode()), 1, Integer::sum);
    String cache = answer.headers().firstValue("x-forebay-cache").orElse("");
    if (cache.equals("hit")) {
      hits++;
    } else if (cache.equals("joined")) {
      joined++;
    } else if (answer.statusCode() == 200) {
      JsonObject usage = new JsonObject(answer.body()).getJsonObject("usage");
      promptTokens += usage.getInteger("prompt_tokens");
      completionTokens += usage.getInteger("completion_tokens");
    }
  }

  private HttpResponse<String> metrics(GatewayServer server, String accept)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.administrationPort() + "/metrics"))
            .header("accept", accept)
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private void run(GatewayServer server) {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String body =
          """
          {"model": "%s", "max_tokens": 3, "messages": [{"role": "user", "content": "%d"}]}"""
              .formatted(i % 10 == 0 ? "unknown" : i % 3 == 0 ? "m" : "n", i % 60);
      answers.add(ask(server, i % 20 == 7 ? "{oops" : body));
      if (i == 100) {
        answers.forEach(CompletableFuture::join); // so that some later ones are hits
      }
    }
    answers.forEach(answer -> count(answer.join()));
  }

  @Test
  void itsMetricsAreTheLoadGeneratorsCounts() throws Exception {
    GatewayServer server = done(GatewayServer.start(vertx, Documents.read(GATEWAY)));
    run(server);
    Scrape scrape = Scrape.of(metrics(server, "text/plain").body());
    assertTrue(codes.keySet().containsAll(List.of("200", "400", "404", "503")), codes::toString);
    codes.forEach(
        (code, count) ->
            assertEquals(
                count.doubleValue(),
                scrape.sum("forebay_requests_total", Map.of("code", code)),
                code));
    assertEquals(200, scrape.sum("forebay_requests_total"));
    assertEquals(200 - codes.getOrDefault("200", 0), scrape.sum("forebay_errors_total"));
    assertTrue(hits > 0);
    assertEquals(hits, scrape.sum("forebay_cache_answers_total", Map.of("result", "hit")));
    double joins = scrape.sum("forebay_cache_answers_total", Map.of("result", "joined"));
    assertTrue(joins >= joined, "some joined a call that failed: " + joins + ", " + joined);
    assertEquals(promptTokens, tokens(scrape, "prompt") + tokens(scrape, "cached"));
    assertEquals(completionTokens, tokens(scrape, "completion") + tokens(scrape, "reasoning"));
    done(server.close());
  }

  private static double tokens(Scrape scrape, String kind) {
    return scrape.sum("forebay_tokens_total", Map.of("kind", kind));
  }

  @Test
  void eachFormatIsGivenToThoseWhoAcceptIt() throws Exception {
    GatewayServer server = done(GatewayServer.start(vertx, Documents.read(GATEWAY)));
    Map<String, String> types =
        Map.of(
            "text/plain",
            "text/plain",
            "*/*",
            "text/plain",
            "application/openmetrics-text; version=1.0.0, text/plain;q=0.5",
            "application/openmetrics-text",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited",
            "application/vnd.google.protobuf");
    for (Map.Entry<String, String> each : types.entrySet()) {
      HttpResponse<String> answer = metrics(server, each.getKey());
      assertEquals(200, answer.statusCode());
      String type = answer.headers().firstValue("content-type").orElse("");
      assertTrue(type.startsWith(each.getValue()), each.getKey() + ": " + type);
      assertTrue(answer.body().contains("forebay_ready"), each.getKey());
    }
    done(server.close());
  }

  @Test
  void codeTurnsItOnAsADocumentDoes() throws Exception {
    AdministrationOptions anyPort = new AdministrationOptions("127.0.0.1", 0, List.of());
    GatewayServer server = done(MonitoredGateway.start(vertx, 0, "http://127.0.0.1:1", anyPort));
    assertTrue(metrics(server, "text/plain").body().contains("\nforebay_ready "));
    done(server.close());
  }

  @Test
  void whatAnApplicationRegistersWithDropwizardIsExported() throws Exception {
    var registry = SharedMetricRegistries.getOrCreate("http-metrics-test");
    registry.meter("com.example.orders").mark(3);
    GatewayServer server = done(GatewayServer.start(vertx, Documents.read(GATEWAY)));
    Scrape scrape = Scrape.of(metrics(server, "text/plain").body());
    assertEquals(3, scrape.sum("com_example_orders_total"));
    done(server.close());
    assertEquals(List.of("com.example.orders"), List.copyOf(registry.getNames()));
  }

  @Test
  void promtoolFindsNothingWrongWithIt() throws Exception {
    Tool promtool = Tool.orSkip("promtool");
    GatewayServer server = done(GatewayServer.start(vertx, Documents.read(GATEWAY)));
    run(server);
    String text = metrics(server, "text/plain").body();
    assertEquals(new Tool.Ended(0, ""), promtool.run(text, "check", "metrics"));
    Tool.Ended broken = promtool.run(text.replaceAll("# HELP.*\n", ""), "check", "metrics");
    assertTrue(broken.code() != 0, "a check that can fail");
    done(server.close());
  }
}
