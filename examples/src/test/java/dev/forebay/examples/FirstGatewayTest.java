package dev.forebay.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.junit5.ForebayExtension;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FirstGatewayTest {

  @RegisterExtension
  static final ForebayExtension upstreams =
      ForebayExtension.builder().upstream("a").upstream("b").build();

  private final Vertx vertx = Vertx.vertx();
  private URI base = URI.create("http://127.0.0.1");

  @BeforeEach
  void start() throws Exception {
    String a = upstreams.upstream("a").uri().toString();
    String b = upstreams.upstream("b").uri().toString();
    GatewayServer server = get(FirstGateway.start(vertx, 0, a, b));
    base = URI.create("http://127.0.0.1:" + server.port());
  }

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
  }

  @Test
  void answersWholeAndFromTheCache() throws Exception {
    HttpResponse<String> first = Chat.ask(base, "whole", false);
    assertEquals(200, first.statusCode(), first.body());
    assertTrue(first.body().contains("\"chat.completion\""), first.body());
    assertEquals("miss", Chat.header(first, "x-forebay-cache"));
    HttpResponse<String> second = Chat.ask(base, "whole", false);
    assertEquals("hit", Chat.header(second, "x-forebay-cache"));
    assertEquals(first.body(), second.body());
  }

  @Test
  void answersStreamed() throws Exception {
    HttpResponse<String> answer = Chat.ask(base, "streamed", true);
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("text/event-stream", Chat.header(answer, "content-type"));
    assertTrue(answer.body().endsWith("data: [DONE]\n\n"), answer.body());
  }

  @Test
  void refusesACallerWhoIsTooFast() throws Exception {
    HttpResponse<String> answer = Chat.ask(base, "again", false);
    for (int i = 0; i < 1000 && answer.statusCode() == 200; i++) {
      answer = Chat.ask(base, "again", false);
    }
    assertEquals(429, answer.statusCode(), answer.body());
    assertEquals("1", Chat.header(answer, "retry-after"));
  }

  @Test
  void withoutServersThereIsNoGateway() {
    Future<GatewayServer> none = FirstGateway.start(vertx, 0);
    assertTrue(none.failed());
    assertEquals("urls: none (expected: the URL of each server)", none.cause().getMessage());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
