package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Headers between a caller and an upstream, with a cache between them. */
@Timeout(60)
class PassedHeadersServedTest {

  private static final String ANSWER =
      "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"yes\"},"
          + "\"finish_reason\":\"stop\"}]}";
  private static final String CHAT =
      "{\"model\":\"m\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}";

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = vertx.createHttpClient();
  private final Queue<MultiMap> heard = new ConcurrentLinkedQueue<>();
  private final AtomicInteger left = new AtomicInteger(100);
  private final HttpServer upstream =
      Served.await(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
  private final GatewayServer server =
      Served.await(
          GatewayServer.start(
              vertx,
              GatewayDocument.read(
                  Node.parse(
                      "gateway.yaml",
                      """
                      http: { port: 0, drain-timeout: 1s }
                      administration: { port: 0 }
                      keys:
                        - { id: alice, key: sk-alice }
                      pipeline:
                        - cache: { store: lru }
                        - balance: round-robin
                      backends:
                        - { plugin: openai, id: a, url: "http://127.0.0.1:%d", key: sk-upstream }
                      """
                          .formatted(upstream.actualPort()),
                      name -> null),
                  Registry.load(PassedHeadersServedTest.class.getClassLoader()))));

  private void answer(HttpServerRequest request) {
    heard.add(request.headers());
    request
        .response()
        .putHeader("content-type", "application/json")
        .putHeader("x-ratelimit-remaining-requests", "" + left.decrementAndGet())
        .putHeader("openai-processing-ms", "7")
        .putHeader("set-cookie", "upstream=1")
        .end(ANSWER);
  }

  @AfterEach
  void stop() {
    Served.await(server.close());
    Served.await(vertx.close());
  }

  private MultiMap ask(String words) {
    return ask(words, "x-other", "no");
  }

  private MultiMap ask(String words, String header, String value) {
    return Served.await(
        client
            .request(HttpMethod.POST, server.port(), "127.0.0.1", "/v1/chat/completions")
            .compose(
                request ->
                    request
                        .putHeader("x-api-key", "sk-alice")
                        .putHeader("cookie", "caller=1")
                        .putHeader("traceparent", "00-" + words)
                        .putHeader("x-other", "no")
                        .putHeader(header, value)
                        .send(Buffer.buffer(CHAT.replace("%s", words)))
                        .compose(PassedHeadersServedTest::read)));
  }

  private static Future<MultiMap> read(HttpClientResponse response) {
    assertEquals(200, response.statusCode());
    return response.body().map(body -> response.headers());
  }

  @Test
  void noAnswerToOneProjectIsGivenToAnother() {
    assertEquals("miss", ask("one").get("x-forebay-cache"));
    assertEquals("hit", ask("one").get("x-forebay-cache"), "its traceparent changes no answer");
    for (String project : new String[] {"a", "b"}) {
      assertEquals("bypass", ask("one", "OpenAI-Project", project).get("x-forebay-cache"));
    }
    assertEquals(3, heard.size());
    assertEquals("hit", ask("one").get("x-forebay-cache"));
  }

  @Test
  void headersPassBothWaysAndNotFromTheCache() {
    MultiMap first = ask("one", "OpenAI-Project", "project");
    assertEquals("bypass", first.get("x-forebay-cache"));
    assertEquals("99", first.get("x-ratelimit-remaining-requests"));
    assertEquals("7", first.get("openai-processing-ms"));
    assertFalse(first.contains("set-cookie"));
    MultiMap asked = heard.remove();
    assertEquals("00-one", asked.get("traceparent"));
    assertEquals("project", asked.get("openai-project"));
    assertEquals("Bearer sk-upstream", asked.get("authorization"));
    for (String name : new String[] {"x-api-key", "cookie", "x-other"}) {
      assertFalse(asked.contains(name), name);
    }
    assertEquals("miss", ask("one").get("x-forebay-cache"));
    MultiMap again = ask("one");
    assertEquals("hit", again.get("x-forebay-cache"));
    assertEquals("application/json", again.get("content-type"));
    for (String name : first.names()) {
      boolean upstreams = name.startsWith("x-ratelimit") || name.startsWith("openai");
      assertFalse(upstreams && again.contains(name), name);
    }
    assertEquals("97", ask("two").get("x-ratelimit-remaining-requests"));
  }
}
