package dev.forebay.llama.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Gateway;
import dev.forebay.llama.Llama;
import dev.forebay.llama.TinyModel;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
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
            supervised(made, true, BACKOFF),
            Llama.of("spare", TinyModel.path()).withSlots(4).withContext(1024).withQueue(300));
    untilServed(server, "child");
    long first = made.getFirst().pid();
    List<Asked> under = load(server);
    kill(first);
    int elsewhere = 0;
    for (Asked asked : under) {
      HttpResponse<String> response = asked.answer().join();
      assertEquals(200, response.statusCode(), response::body);
      if (asked.stream() && response.body().contains("\"error\"")) {
        // it had begun: what was said cannot be taken back
        assertEquals("child", servedBy(response));
        assertTrue(response.body().contains("\"content\":"), response::body);
      } else {
        assertTrue(whole(asked, response), response::body);
        elsewhere += servedBy(response).equals("spare") ? 1 : 0;
      }
    }
    System.out.println(
        "killed under load: " + under.size() + " asked, " + elsewhere + " answered elsewhere");
    assertTrue(elsewhere > 0, "the load was under way when the child ended");
    untilServed(server, "child");
    assertTrue(made.getFirst().pid() != first, "another process serves");
    done(server.close());
    assertTrue(ProcessHandle.of(made.getFirst().pid()).isEmpty() || made.getFirst().pid() < 0);
  }

  @Test
  void aloneItRefusesUntilTheChildIsBackWithinItsBackoff() throws Exception {
    Duration backoff = Duration.ofMillis(400);
    List<LlamaServerBackend> made = new ArrayList<>();
    GatewayServer server = alone(supervised(made, false, backoff));
    untilServed(server, "child");
    long first = made.getFirst().pid();
    long before = starts(server); // more than one if the first was slow to start
    List<Asked> under = load(server);
    long killed = System.nanoTime();
    kill(first);
    while (made.getFirst().pid() == first) {
      Thread.onSpinWait();
    }
    HttpResponse<String> between = ask(server, 1, false).join();
    assertEquals(503, between.statusCode());
    assertTrue(retryAfter(between), () -> between.headers().toString());
    while (starts(server) == before) {
      Thread.onSpinWait();
    }
    long started = (System.nanoTime() - killed) / 1_000_000;
    int refused = 0;
    for (Asked asked : under) {
      HttpResponse<String> response = asked.answer().join();
      boolean later = response.statusCode() == 503 && retryAfter(response);
      boolean begun = asked.stream() && response.body().contains("\"error\"");
      assertTrue(
          later || begun || whole(asked, response),
          () -> response.statusCode() + ": " + response.body());
      refused += later ? 1 : 0;
    }
    assertTrue(refused > 0, "the load was under way when the child ended");
    untilServed(server, "child");
    long servedAgain = (System.nanoTime() - killed) / 1_000_000;
    long second = made.getFirst().pid();
    System.out.println(
        "killed alone: "
            + under.size()
            + " asked, "
            + refused
            + " refused with Retry-After; another started after "
            + started
            + " ms (backoff "
            + backoff.toMillis()
            + " ms), serves after "
            + servedAgain
            + " ms");
    assertTrue(second != first, "another process serves");
    long slack = 2000; // of a busy machine: to notice the end, and to start a process
    assertTrue(started <= backoff.toMillis() + slack, () -> "started after " + started + " ms");
    assertTrue(started >= backoff.toMillis() - 50, () -> "started after " + started + " ms");
    done(server.close());
  }

  @Test
  void withoutAnotherTheCallerIsToldWhenToComeBack() {
    LlamaServer broken =
        LlamaServer.of("child", List.of("/absent/llama-server", "{port}"))
            .withHealth("/healthz")
            .withBackoff(BACKOFF);
    GatewayServer server = gateway(broken);
    HttpResponse<String> response = ask(server, 5, false).join();
    assertEquals(503, response.statusCode());
    assertTrue(retryAfter(response), () -> response.headers().toString());
    done(server.close());
  }

  @Test
  void aCommandWithoutPortIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> LlamaServer.of("x", List.of("llama-server")));
  }

  private static boolean retryAfter(HttpResponse<String> response) {
    return response.headers().firstValue("retry-after").isPresent();
  }

  /** Asks until a backend has answered, as a caller would who comes back. */
  private void untilServed(GatewayServer server, String backend) {
    while (true) {
      HttpResponse<String> response = ask(server, 1, false).join();
      if (servedBy(response).equals(backend) && response.statusCode() == 200) {
        return;
      }
    }
  }

  /** Whole and streamed ones; more than the child's slots, so that some have not begun. */
  private List<Asked> load(GatewayServer server) {
    List<Asked> under = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      boolean stream = i % 2 == 0;
      under.add(new Asked(stream, ask(server, i == 0 ? 8 : 100, stream)));
    }
    under.getFirst().answer().join(); // the child is at work, and far from done
    return under;
  }

  private static long starts(GatewayServer server) {
    return server.gateway().counters().entrySet().stream()
        .filter(counter -> counter.getKey().endsWith("starts"))
        .mapToLong(counter -> counter.getValue())
        .sum();
  }

  private static void kill(long pid) {
    assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly()); // SIGKILL
  }

  private static boolean whole(Asked asked, HttpResponse<String> response) {
    return response.statusCode() == 200
        && (asked.stream()
            ? response.body().endsWith("data: [DONE]\n\n")
            : response.body().contains("\"usage\""));
  }

  private static String servedBy(HttpResponse<String> response) {
    return response.headers().firstValue("x-forebay-backend").orElse("");
  }

  private CompletableFuture<HttpResponse<String>> ask(
      GatewayServer server, int tokens, boolean stream) {
    JsonObject body =
        new JsonObject()
            .put("model", "tiny")
            .put("max_tokens", tokens)
            .put("stream", stream)
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

  private Plugin<Backend> supervised(
      List<LlamaServerBackend> made, boolean standby, Duration backoff) {
    LlamaServer options =
        LlamaServer.of(
                "child",
                List.of(
                    System.getProperty("java.home") + "/bin/java",
                    "-Xmx128m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", // children start often here
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ChildMain.class.getName(),
                    "{port}",
                    TinyModel.path()))
            .withHealth("/healthz")
            .withBackoff(backoff)
            .withStandby(standby);
    return NamedPlugin.of(
        Backend.class,
        "supervised",
        context -> {
          LlamaServerBackend backend = (LlamaServerBackend) options.create(context);
          made.add(backend);
          return backend;
        });
  }

  /** Without a second try. */
  private GatewayServer alone(Plugin<Backend> backend) {
    Gateway gateway = Gateway.builder(vertx).pipeline(p -> p.backends(backend)).build();
    return done(GatewayServer.of(gateway).listen(vertx, 0));
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

  /** A request that is under way. */
  private record Asked(boolean stream, CompletableFuture<HttpResponse<String>> answer) {}

  private static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
