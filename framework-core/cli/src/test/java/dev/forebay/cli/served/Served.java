package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.forebay.simulation.http.EmulatorProfile;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import io.vertx.core.Future;
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
import java.util.function.BooleanSupplier;

/** A served gateway in front of an emulated upstream, each on a port of its own. */
final class Served implements AutoCloseable {

  static final String MODEL = "deepseek-flash";

  /** The whole pipeline. */
  static final String PIPELINE =
      """
      pipeline:
        - deadline: { total: 60s }
        - rate-limit: { by: { plugin: token-bucket, rate: 1000, burst: 1000 } }
        - cache: { store: lru }
        - retry: { attempts: 2 }
        - admit: { limit: { plugin: fixed, limit: 8 }, queue: priority }
        - balance: { by: least-connections, health: consecutive-failures }
      """;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  final Emulator emulator;
  final GatewayServer server;

  Served(EmulatorProfile upstream, String pipeline) {
    this(upstream, pipeline, 1_000_000);
  }

  /** With answers of so many tokens, or of what a request bounds them to. */
  Served(EmulatorProfile upstream, String pipeline, int tokens) {
    this(upstream, pipeline, tokens, "models: [" + MODEL + "]");
  }

  /** With a line that names models, or none. */
  Served(EmulatorProfile upstream, String pipeline, int tokens, String models) {
    emulator = await(Emulator.start(vertx, upstream, request -> tokens));
    String yaml =
        """
        http: { port: 0, drain-timeout: 1s }
        administration: { port: 0 }
        %s
        backends:
          - { plugin: openai, id: upstream, url: "%s" }
        %s
        """
            .formatted(models, emulator.url(), pipeline);
    Registry registry = Registry.load(Served.class.getClassLoader()).with(Throwing.class);
    Node document = Node.parse("gateway.yaml", yaml, name -> null);
    server = await(GatewayServer.start(vertx, GatewayDocument.read(document, registry)));
  }

  static EmulatorProfile fast() {
    return EmulatorProfile.DEFAULT.withTimeScale(100);
  }

  static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  static String chat(boolean stream, int tokens) {
    return new JsonObject()
        .put("model", MODEL)
        .put("stream", stream)
        .put("max_tokens", tokens)
        .put("messages", List.of(Map.of("role", "user", "content", "hello")))
        .encode();
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(url(path)))
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url(path))));
  }

  /** What the administration shows. */
  JsonObject state() throws IOException, InterruptedException {
    String at = "http://127.0.0.1:" + server.administrationPort() + "/state";
    HttpResponse<String> state = send(HttpRequest.newBuilder(URI.create(at)));
    assertEquals(200, state.statusCode());
    return new JsonObject(state.body());
  }

  boolean happened(EmulatorEvent.Kind kind) {
    return emulator.events().stream().anyMatch(event -> event.kind() == kind);
  }

  /** Asks again and again, each time with a round trip to the gateway between. */
  void until(BooleanSupplier condition) throws IOException, InterruptedException {
    while (!condition.getAsBoolean()) {
      state();
    }
  }

  /** Waits until nothing is under way, anywhere; the test's timeout bounds the wait. */
  void untilAllCountsAreZero() throws IOException, InterruptedException {
    List<Number> counts = counts();
    while (counts.stream().anyMatch(count -> count.longValue() != 0)) {
      counts = counts();
    }
  }

  private List<Number> counts() throws IOException, InterruptedException {
    JsonObject state = state();
    List<Number> counts = new ArrayList<>();
    counts.add(state.getInteger("open"));
    counts.add(state.getJsonObject("http").getInteger("openRequests"));
    JsonObject balance = state.getJsonObject("stages").getJsonObject("balance");
    counts.add(balance.getInteger("inFlight"));
    JsonObject endpoint = balance.getJsonArray("endpoints").getJsonObject(0);
    counts.add(endpoint.getInteger("inFlight"));
    counts.add(endpoint.getLong("inFlightTokens"));
    JsonObject admit = state.getJsonObject("stages").getJsonObject("admit", new JsonObject());
    counts.add(admit.getInteger("inFlight", 0));
    counts.add(admit.getInteger("queued", 0));
    counts.add(admit.getInteger("waiting", 0));
    counts.add(await(emulator.stats()).running());
    counts.add(await(emulator.stats()).waiting());
    return counts;
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    // One after the other: what is composed on an event loop does not complete once it is gone.
    await(server.close());
    await(emulator.close());
    await(vertx.close());
    http.close();
  }

  /** A plugin that breaks on every request. */
  record Throwing() implements Plugin<Filter> {

    @Override
    public Filter create(PluginContext context) {
      return (request, next) -> {
        throw new IllegalStateException("broken on purpose");
      };
    }
  }
}
