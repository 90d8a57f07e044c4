package dev.forebay.examples.modeluse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.examples.Chat;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.metrics.Series;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stage tells of itself by labelled metrics, and by a route on the administration's listener. */
@Timeout(60)
class ModelUseTest {

  private final Vertx vertx = Vertx.vertx();

  private static GatewayDocument document(String stages) {
    String document =
        """
        http: { port: 0, drain-timeout: 1s }
        administration: { port: 0 }
        pipeline: [%s, { balance: round-robin }]
        backends: [{ plugin: simulated, id: a }]
        """
            .formatted(stages);
    return GatewayDocument.read(
        Node.parse("gateway.yaml", document, name -> null),
        Registry.load(ModelUseTest.class.getClassLoader()));
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Test
  void requestsAreCountedByModelAndShown() throws Exception {
    GatewayServer server =
        GatewayServer.start(vertx, document("{ model-use: { most-models: 1 } }"))
            .toCompletionStage()
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    URI uri = URI.create("http://127.0.0.1:" + server.port());
    for (int i = 0; i < 3; i++) {
      assertEquals(200, Chat.ask(uri, "hello", false).statusCode());
    }
    URI shown = URI.create("http://127.0.0.1:" + server.administrationPort() + "/model-use");
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(shown).build(), HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    JsonObject models = new JsonObject(answer.body());
    assertEquals(1, models.size());
    assertEquals(3, models.getInteger(models.fieldNames().iterator().next()));
    Distribution prompts =
        server
            .gateway()
            .metrics()
            .snapshot()
            .histograms()
            .get(new Series("model-use", "prompt_tokens"));
    assertEquals(3, Objects.requireNonNull(prompts).count());
  }

  @Test
  void twoOfThemAreRefusedByNameAtTheStart() {
    String refused =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                        GatewayServer.gateway(
                            document("model-use, model-use"), GatewayServer.host(vertx)))
                .getMessage());
    assertEquals(
        "gateway.yaml:3: pipeline[1]: route GET /model-use of model-use-2, on the listener administration (expected: a path of"
            + " its own; GET /model-use of model-use, on the listener administration)",
        refused);
  }
}
