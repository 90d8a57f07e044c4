package dev.forebay.examples.monitoring;

import static dev.forebay.examples.monitoring.Documents.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.examples.Chat;
import dev.forebay.junit5.ForebayExtension;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus fires {@code HighErrorRate} before an upstream that is down, and resolves it
 * once it is up again. The rule is that of {@code alerts.yml} with shorter times: a rate over 2 s,
 * for 1 s. With {@code -Dforebay.rules=whole} it is the rule as it stands there, which takes seven
 * minutes.
 */
@Timeout(900)
class RealPrometheusTest {

  private static final boolean WHOLE = "whole".equals(System.getProperty("forebay.rules"));

  /** From an answer to the next request. */
  private static final long PAUSE_MILLIS = 20;

  @RegisterExtension
  static final ForebayExtension forebay = ForebayExtension.builder().upstream("a").build();

  @TempDir Path folder = Path.of("");

  private final Vertx vertx = Vertx.vertx();
  private final CompletableFuture<Void> fired = new CompletableFuture<>();
  private final CompletableFuture<Void> resolved = new CompletableFuture<>();

  @AfterEach
  void stop() throws Exception {
    done(vertx.close());
  }

  private GatewayServer gateway() throws Exception {
    return done(
        GatewayServer.start(
            vertx,
            Documents.read(
                """
                http: { port: 0, drain-timeout: 1s }
                administration: { port: 0 }
                metrics: { registry: real-prometheus-test }
                backends: [{ plugin: openai, id: a, url: "%s" }]
                """
                    .formatted(forebay.upstream("a").uri()))));
  }

  /** What Prometheus tells an Alertmanager. */
  private void alerts(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              JsonArray alerts = new JsonArray(body);
              for (int i = 0; i < alerts.size(); i++) {
                JsonObject alert = alerts.getJsonObject(i);
                assertEquals(
                    "critical", alert.getJsonObject("labels").getString("severity"), "severity");
                boolean over = Instant.parse(alert.getString("endsAt")).isBefore(Instant.now());
                (over ? resolved : fired).complete(null);
              }
              request.response().end();
            });
  }

  /** The group of the rule alone. */
  private static String rule() throws Exception {
    String all = Documents.file("alerts.yml");
    String rule = all.substring(all.indexOf("groups:"), all.indexOf("# end::error-rate"));
    return WHOLE ? rule : rule.replace("[1m]", "[2s]").replace("for: 2m", "for: 1s");
  }

  private Process prometheus(Tool prometheus, int metrics, int alertmanager) throws Exception {
    Files.writeString(folder.resolve("rules.yml"), rule());
    String every = WHOLE ? "15s" : "200ms";
    Files.writeString(
        folder.resolve("prometheus.yml"),
        """
        global: { scrape_interval: %s, evaluation_interval: %s }
        rule_files: [rules.yml]
        alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:%d"] }] }] }
        scrape_configs:
          - { job_name: forebay, static_configs: [{ targets: ["127.0.0.1:%d"] }] }
        """
            .formatted(every, every, alertmanager, metrics));
    return prometheus
        .builder(
            "--config.file=" + folder.resolve("prometheus.yml"),
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:0")
        .redirectOutput(folder.resolve("prometheus.log").toFile())
        .start();
  }

  @Test
  void theAlertFiresAndResolves() throws Exception {
    Tool tool = Tool.orSkip("prometheus");
    HttpServer alertmanager =
        done(vertx.createHttpServer().requestHandler(this::alerts).listen(0, "127.0.0.1"));
    GatewayServer gateway = gateway();
    URI uri = URI.create("http://127.0.0.1:" + gateway.port());
    Process prometheus = prometheus(tool, gateway.administrationPort(), alertmanager.actualPort());
    ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor();
    load.scheduleWithFixedDelay(() -> ask(uri), 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    try {
      forebay.upstream("a").kill();
      fired.get(5, TimeUnit.MINUTES);
      assertEquals(false, resolved.isDone());
      forebay.upstream("a").restart();
      resolved.get(8, TimeUnit.MINUTES);
    } finally {
      load.shutdown();
      assertTrue(load.awaitTermination(1, TimeUnit.MINUTES));
      prometheus.destroy();
      prometheus.waitFor();
    }
    done(gateway.close());
  }

  private static void ask(URI uri) {
    try {
      Chat.ask(uri, "hello", false);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
