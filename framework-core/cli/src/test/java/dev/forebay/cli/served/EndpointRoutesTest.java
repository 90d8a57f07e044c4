package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the administration shows and changes of endpoints, over HTTP. */
@Timeout(60)
class EndpointRoutesTest {

  private static final String DOCUMENT =
      """
      http: { port: 0, drain-timeout: 1s }
      administration: { port: 0 }
      pipeline:
        - balance: round-robin
      backends:
        - { plugin: simulated, id: a }
        - { plugin: simulated, id: b }
      """;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final GatewayServer server =
      await(
          GatewayServer.start(
              vertx,
              GatewayDocument.read(
                  Node.parse("gateway.yaml", DOCUMENT, name -> null),
                  Registry.load(EndpointRoutesTest.class.getClassLoader()))));

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void stop() {
    await(server.close());
    await(vertx.close());
    http.close();
  }

  private HttpResponse<String> send(int port, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> change(String path, String... headers) throws Exception {
    return send(server.administrationPort(), path, "", headers);
  }

  /** Who answered four requests. */
  private Set<String> answering() throws Exception {
    Set<String> backends = new TreeSet<>();
    for (int i = 0; i < 4; i++) {
      HttpResponse<String> answer =
          send(
              server.port(),
              "/v1/chat/completions",
              """
              {"model":"m","max_tokens":2,"messages":[{"role":"user","content":"hi"}]}\
              """);
      assertEquals(200, answer.statusCode(), answer.body());
      backends.add(answer.headers().firstValue("x-forebay-backend").orElse(""));
    }
    return backends;
  }

  private JsonObject endpoint(int number) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.administrationPort() + "/endpoints"))
            .build();
    HttpResponse<String> shown = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, shown.statusCode());
    return new JsonObject(shown.body())
        .getJsonObject("pools")
        .getJsonObject("default")
        .getJsonArray("endpoints")
        .getJsonObject(number);
  }

  @Test
  void anEndpointIsDrainedAndTakenBack() throws Exception {
    assertEquals(Set.of("a", "b"), answering());
    HttpResponse<String> drained = change("/pools/default/endpoints/a/drain");
    assertEquals(200, drained.statusCode(), drained.body());
    assertEquals("draining", endpoint(0).getString("state"));
    assertEquals("asked to", endpoint(0).getString("why"));
    assertEquals("up", endpoint(1).getString("state"));
    assertEquals(Set.of("b"), answering());
    assertEquals(200, change("/pools/default/endpoints/a/undrain").statusCode());
    assertEquals("up", endpoint(0).getString("state"));
    assertEquals(Set.of("a", "b"), answering());
  }

  @Test
  void anAccountIsReloadedByItsName() throws Exception {
    assertEquals(200, change("/pools/default/accounts/a/reload").statusCode());
    assertEquals(404, change("/pools/default/accounts/none/reload").statusCode());
  }

  @Test
  void whatIsNotThereIsA404InOpenAisForm() throws Exception {
    for (String path :
        new String[] {"/pools/default/endpoints/none/drain", "/pools/none/endpoints/a/drain"}) {
      HttpResponse<String> refused = change(path);
      assertEquals(404, refused.statusCode(), path);
      assertEquals(
          "not_found",
          new JsonObject(refused.body()).getJsonObject("error").getString("code"),
          refused.body());
    }
  }

  @Test
  void aWebPageMayNotChangeAnything() throws Exception {
    for (String[] header :
        new String[][] {{"Origin", "http://example.org"}, {"Sec-Fetch-Site", "cross-site"}}) {
      assertEquals(403, change("/pools/default/endpoints/a/drain", header).statusCode());
      assertEquals(403, change("/pools/default/accounts/a/reload", header).statusCode());
    }
    assertEquals("up", endpoint(0).getString("state"));
    assertTrue(answering().contains("a"));
  }
}
