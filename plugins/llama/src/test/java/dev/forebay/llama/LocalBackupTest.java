package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.gateway.Gateway;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The document of the guide: a remote first, the local model where it cannot. */
@Timeout(60)
class LocalBackupTest {

  private static final String ANSWER =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"remote\"},"
          + "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicBoolean down = new AtomicBoolean(true);

  @AfterEach
  void close() {
    client.close();
    done(vertx.close());
  }

  @Test
  void aRemoteThatAnswers503IsReplacedAndTrafficReturns() throws Exception {
    HttpServer remote =
        done(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      if (down.get()) {
                        request.response().setStatusCode(503).end();
                      } else {
                        request
                            .response()
                            .putHeader("content-type", "text/event-stream")
                            .end(ANSWER);
                      }
                    })
                .listen(0, "127.0.0.1"));
    Map<String, String> environment =
        Map.of("REMOTE", "http://127.0.0.1:" + remote.actualPort(), "MODEL", TinyModel.path());
    Path document =
        Path.of(
            Objects.requireNonNull(LocalBackupTest.class.getResource("/local-backup.yaml"))
                .toURI());
    GatewayServer server =
        done(
            GatewayServer.start(
                vertx,
                GatewayDocument.read(
                    document,
                    Registry.load(LocalBackupTest.class.getClassLoader()),
                    environment::get)));
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> response = ask(server);
      assertEquals(200, response.statusCode(), response::body);
      assertEquals("local", servedBy(response));
      assertTrue(response.body().endsWith("data: [DONE]\n\n"), response::body);
    }
    down.set(false);
    String by = "local";
    while (by.equals("local")) { // until its cooldown is over
      HttpResponse<String> response = ask(server);
      assertEquals(200, response.statusCode(), response::body);
      by = servedBy(response);
    }
    assertEquals("remote", by);
    done(server.close());
  }

  @Test
  void aGatewayIsReadyWhenItsModelIsLoadedAndACheckLoadsNone() throws Exception {
    Llama own = // of no other test, so that its engine is new
        Llama.of("local", TinyModel.path()).withSlots(1).withContext(96).withQueue(1);
    Gateway checked = gateway(own);
    assertFalse(checked.backends().getFirst().ready(), "it was only made");
    done(checked.close());
    Gateway gateway = gateway(own);
    GatewayServer server = done(GatewayServer.of(gateway).listen(vertx, 0));
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/readyz")).build();
    HttpResponse<String> said = client.send(ready, HttpResponse.BodyHandlers.ofString());
    while (said.statusCode() == 503) {
      said = client.send(ready, HttpResponse.BodyHandlers.ofString());
    }
    assertEquals(200, said.statusCode());
    assertTrue(gateway.backends().getFirst().ready());
    done(server.close());
  }

  private Gateway gateway(Llama options) {
    return Gateway.builder(vertx).pipeline(p -> p.backends(options)).build();
  }

  private HttpResponse<String> ask(GatewayServer server) throws Exception {
    String body =
        "{\"model\":\"any\",\"stream\":true,\"max_tokens\":8,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static String servedBy(HttpResponse<String> response) {
    return response.headers().firstValue("x-forebay-backend").orElse("");
  }

  private static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
