package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.cli.Main;
import dev.forebay.core.limiting.DeadLetters;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.queuing.letterring.LetterRing;
import dev.forebay.server.GatewayServer;
import dev.forebay.servers.Ports;
import dev.forebay.simulation.Simulated;
import dev.forebay.spi.Failure;
import dev.forebay.spi.options.Options;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a gateway gave up, by the command: a stage that sheds all is switched on and off. */
class DeadLettersServedTest {

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicBoolean full = new AtomicBoolean(true);

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private GatewayServer start(boolean bodies) {
    return start(bodies, null);
  }

  private GatewayServer start(boolean bodies, @Nullable String token) {
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                p ->
                    p.stage(DeadLetters.in(LetterRing.defaults()).withBodies(bodies))
                        .filter(
                            "full",
                            (request, next) ->
                                full.get()
                                    ? Future.failedFuture(
                                        Failure.saturated("queue_full", "the queue is full"))
                                    : next.serve(request))
                        .backends(Options.defaults(Simulated.class, Map.entry("id", "a"))))
            .build();
    return await(
        GatewayServer.of(gateway)
            .options(EdgeOptions.DEFAULTS.at("127.0.0.1", 0))
            .administration(new AdministrationOptions("127.0.0.1", 0, List.of(), token))
            .listen(vertx));
  }

  private int chat(GatewayServer server) throws Exception {
    String body = Served.chat(false, 1);
    URI uri = URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions");
    return http.send(
            HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  private record Ran(int code, String out) {}

  private static Ran run(GatewayServer server, String... args) {
    StringWriter out = new StringWriter();
    String[] all = new String[args.length + 3];
    all[0] = "dead-letters";
    System.arraycopy(args, 0, all, 1, args.length);
    all[args.length + 1] = "--administration";
    all[args.length + 2] = "http://127.0.0.1:" + server.administrationPort();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(out, true), Map.of(), all);
    return new Ran(code, out.toString());
  }

  @Test
  void whatWasShedIsListedSentAgainAndForgotten() throws Exception {
    GatewayServer server = start(true);
    String url = "http://127.0.0.1:" + server.port();
    assertEquals(503, chat(server));
    assertEquals(503, chat(server));
    Ran listed = run(server, "list");
    assertEquals(2, listed.out().lines().count(), listed.out());
    assertTrue(listed.out().contains("queue_full     503  "), listed.out());
    assertFalse(listed.out().contains("hello"), "the prompt is not listed");
    assertEquals(0, run(server, "list", "--reason", "deadline").out().length());

    Ran still = run(server, "replay", "--url", url);
    assertEquals(1, still.code());
    assertTrue(still.out().contains("0 answered, 2 failed and kept"), still.out());
    assertEquals(4, run(server, "list").out().lines().count(), "they were shed once more");

    full.set(false);
    Ran replayed = run(server, "replay", "--url", url);
    assertEquals(0, replayed.code(), replayed.out());
    assertTrue(replayed.out().contains("4 answered, 0 failed"), replayed.out());
    assertEquals("", run(server, "list").out());
  }

  @Test
  void byDefaultPromptsAreNotKept() throws Exception {
    GatewayServer server = start(false);
    assertEquals(503, chat(server));
    String json = run(server, "list", "--format", "json").out();
    assertTrue(json.contains("\"replayable\":false"), json);
    HttpResponse<String> bodies =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://127.0.0.1:"
                            + server.administrationPort()
                            + "/dead-letters?bodies=true"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, bodies.statusCode());
    assertFalse(bodies.body().contains("hello"), bodies.body());
    Ran replayed = run(server, "replay", "--url", "http://127.0.0.1:" + server.port());
    assertTrue(replayed.out().contains("0 failed and kept, 1 without a body"), replayed.out());
  }

  @Test
  void promptsAreShownToThoseOnlyWhoShowTheToken() throws Exception {
    GatewayServer server = start(true, "a token of 24 characters");
    assertEquals(503, chat(server));
    URI letters =
        URI.create("http://127.0.0.1:" + server.administrationPort() + "/dead-letters?bodies=true");
    HttpResponse<String> refused = ask(HttpRequest.newBuilder(letters));
    assertEquals(401, refused.statusCode());
    assertEquals("Bearer", refused.headers().firstValue("www-authenticate").orElse(""));
    assertFalse(refused.body().contains("hello"), refused.body());
    assertEquals(
        401,
        ask(HttpRequest.newBuilder(letters.resolve("/cache/hot"))).statusCode(),
        "prompts too");
    assertEquals(200, ask(HttpRequest.newBuilder(letters.resolve("/dead-letters"))).statusCode());
    HttpResponse<String> shown =
        ask(
            HttpRequest.newBuilder(letters)
                .header("authorization", "Bearer a token of 24 characters"));
    assertEquals(200, shown.statusCode());
    assertTrue(shown.body().contains("hello"), shown.body());
    Ran replayed = run(server, "replay", "--url", "http://127.0.0.1:" + server.port());
    assertEquals(1, replayed.code());
    assertTrue(replayed.out().contains("--token-env"), replayed.out());
  }

  private HttpResponse<String> ask(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aConnectionThatFailsIsOneOfTheFailures() throws Exception {
    GatewayServer server = start(true);
    assertEquals(503, chat(server));
    assertEquals(503, chat(server));
    Ran replayed = run(server, "replay", "--url", "http://127.0.0.1:" + Ports.free());
    assertEquals(1, replayed.code());
    assertTrue(replayed.out().contains("replayed: 0 answered, 2 failed and kept"), replayed.out());
    assertEquals(2, run(server, "list").out().lines().count());
  }

  @Test
  void whatTheGatewayRefusesIsToldInItsOwnWords() throws Exception {
    GatewayServer server = start(true);
    assertEquals(503, chat(server));
    Ran replayed = run(server, "replay", "--url", "http://127.0.0.1:" + server.port());
    assertEquals(1, replayed.code());
    assertTrue(replayed.out().contains(": status 503: "), replayed.out());
    Ran listed = run(server, "list", "--most", "20000");
    assertEquals(1, listed.code());
    assertTrue(listed.out().contains("most: 20000 (expected: 1 to 10000)"), listed.out());
  }

  @Test
  void lettersAreDroppedByTheirIdsOrAll() throws Exception {
    GatewayServer server = start(false);
    for (int i = 0; i < 3; i++) {
      chat(server);
    }
    String id = run(server, "list").out().lines().findFirst().orElseThrow().split(" +")[3];
    assertEquals(new Ran(0, "dropped: 1" + System.lineSeparator()), run(server, "drop", id));
    assertEquals(1, run(server, "drop", id).code());
    assertEquals("dropped: 2" + System.lineSeparator(), run(server, "drop", "--all").out());
    assertEquals(2, run(server, "drop").code(), "expected: ids, or --all");
  }
}
