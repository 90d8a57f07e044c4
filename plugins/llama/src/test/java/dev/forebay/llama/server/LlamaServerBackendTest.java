package dev.forebay.llama.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Gateway;
import dev.forebay.llama.LlamaOptions;
import dev.forebay.llama.LlamaProvider;
import dev.forebay.llama.TinyModel;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.Backend;
import dev.forebay.spi.Plugin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LlamaServerBackendTest {

  private static final Duration BACKOFF = Duration.ofMillis(50);

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.close();
    done(vertx.close());
  }

  @Test
  void aKilledChildIsReplacedAndWhatItHadNotAnsweredIsAnsweredElsewhere() throws Exception {
    List<LlamaServerBackend> made = new ArrayList<>();
    GatewayServer server =
        gateway(
            supervised(made, true),
            LlamaProvider.backend(
                LlamaOptions.of("spare", TinyModel.path()).withBounds(4, 1024, 300)));
    untilServed(server, "child");
    long first = made.getFirst().pid();
    List<CompletableFuture<HttpResponse<String>>> under = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      under.add(ask(server, 200));
    }
    ProcessHandle.of(first).orElseThrow().destroyForcibly();
    for (CompletableFuture<HttpResponse<String>> answer : under) {
      HttpResponse<String> response = answer.join();
      boolean whole = response.statusCode() == 200 && response.body().contains("\"usage\"");
      boolean later = response.statusCode() == 503 && retryAfter(response);
      assertTrue(whole || later, () -> response.statusCode() + ": " + response.body());
    }
    untilServed(server, "child");
    assertTrue(made.getFirst().pid() != first, "another process serves");
    done(server.close());
    assertTrue(ProcessHandle.of(made.getFirst().pid()).isEmpty() || made.getFirst().pid() < 0);
  }

  @Test
  void withoutAnotherTheCallerIsToldWhenToComeBack() {
    LlamaServerOptions broken =
        LlamaServerOptions.of("child", List.of("/absent/llama-server", "{port}"))
            .with("/healthz", BACKOFF, false);
    GatewayServer server = gateway(LlamaServerProvider.backend(broken));
    HttpResponse<String> response = ask(server, 5).join();
    assertEquals(503, response.statusCode());
    assertTrue(retryAfter(response), () -> response.headers().toString());
    done(server.close());
  }

  @Test
  void aCommandWithoutPortIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> LlamaServerOptions.of("x", List.of("llama-server")));
  }

  private static boolean retryAfter(HttpResponse<String> response) {
    return response.headers().firstValue("retry-after").isPresent();
  }

  /** Asks until a backend has answered, as a caller would who comes back. */
  private void untilServed(GatewayServer server, String backend) {
    while (true) {
      HttpResponse<String> response = ask(server, 1).join();
      if (response.headers().firstValue("x-forebay-backend").orElse("").equals(backend)
          && response.statusCode() == 200) {
        return;
      }
    }
  }

  private CompletableFuture<HttpResponse<String>> ask(GatewayServer server, int tokens) {
    JsonObject body =
        new JsonObject()
            .put("model", "tiny")
            .put("max_tokens", tokens)
            .put(
                "messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello")));
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(body.encode()))
            .build();
    return client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private Plugin<Backend> supervised(List<LlamaServerBackend> made, boolean standby) {
    LlamaServerOptions options =
        LlamaServerOptions.of(
                "child",
                List.of(
                    System.getProperty("java.home") + "/bin/java",
                    "-Xmx128m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ChildMain.class.getName(),
                    "{port}",
                    TinyModel.path()))
            .with("/healthz", BACKOFF, standby);
    return Plugin.of(
        Backend.class,
        "supervised",
        context -> {
          LlamaServerBackend backend =
              (LlamaServerBackend) LlamaServerProvider.backend(options).create(context);
          made.add(backend);
          return backend;
        });
  }

  @SafeVarargs
  private GatewayServer gateway(Plugin<Backend>... backends) {
    Gateway gateway =
        Gateway.builder(vertx)
            .extraWork(1, 100)
            .pipeline(
                p -> {
                  p.retry(3);
                  for (Plugin<Backend> backend : backends) {
                    p.backends(backend);
                  }
                })
            .build();
    return done(GatewayServer.of(gateway).listen(vertx, 0));
  }

  private static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
