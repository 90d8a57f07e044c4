package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions by a cookie that the edge sets, and by the header that goes before it. */
@Timeout(60)
class AffinityCookieTest {

  private static final String DOCUMENT =
      """
      http: { port: 0, drain-timeout: 1s, affinity-cookie: { name: sticky, max-age: 10m } }
      administration: { port: 0 }
      pipeline:
        - balance: session-affinity
      backends:
        - { plugin: simulated, id: a }
        - { plugin: simulated, id: b }
        - { plugin: simulated, id: c }
      """;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final GatewayServer server =
      await(
          GatewayServer.start(
              vertx,
              GatewayDocument.read(
                  Node.parse("gateway.yaml", DOCUMENT, name -> null),
                  Registry.load(AffinityCookieTest.class.getClassLoader()))));

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
  }

  private HttpResponse<String> ask(String header, String value) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions"))
            .header(header, value)
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    """
                    {"model":"m","max_tokens":2,"messages":[{"role":"user","content":"hi"}]}\
                    """))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    return answer;
  }

  private static String backend(HttpResponse<String> answer) {
    return answer.headers().firstValue("x-forebay-backend").orElse("");
  }

  private static Optional<String> cookie(HttpResponse<String> answer) {
    return answer.headers().firstValue("set-cookie");
  }

  @Test
  void whoHasNoSessionGetsOneAndKeepsItsBackend() throws Exception {
    Set<String> backends = new TreeSet<>();
    for (int caller = 0; caller < 3; caller++) {
      HttpResponse<String> first = ask("accept", "application/json");
      String set = cookie(first).orElseThrow();
      assertTrue(
          set.matches("sticky=[0-9a-f]{32}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"), set);
      backends.add(backend(first));
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> next = ask("cookie", set.substring(0, set.indexOf(';')));
        assertEquals(backend(first), backend(next));
        assertEquals(Optional.empty(), cookie(next), "it has one");
      }
    }
    assertEquals(3, backends.size(), "new sessions take turns");
  }

  @Test
  void aCookieThatIsNotOursIsReplaced() throws Exception {
    assertTrue(cookie(ask("cookie", "sticky=../../etc")).isPresent());
  }

  @Test
  void aSessionThatIsNamedByTheHeaderNeedsNoCookie() throws Exception {
    HttpResponse<String> first = ask("x-forebay-session", "mine");
    assertEquals(Optional.empty(), cookie(first));
    for (int i = 0; i < 5; i++) {
      assertEquals(backend(first), backend(ask("x-forebay-session", "mine")));
    }
  }
}
