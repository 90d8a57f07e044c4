package dev.forebay.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.junit5.ForebayExtension;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TwoPoolsTest {

  @RegisterExtension
  static final ForebayExtension upstreams =
      ForebayExtension.builder().upstream("large").upstream("small").build();

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private URI base = URI.create("http://127.0.0.1");

  @BeforeEach
  void start() throws Exception {
    String large = upstreams.upstream("large").uri().toString();
    String small = upstreams.upstream("small").uri().toString();
    GatewayServer server = get(TwoPools.start(vertx, 0, large, small));
    base = URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions");
  }

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
    http.close();
  }

  @Test
  void eachModelHasItsPool() throws Exception {
    assertEquals("deepseek", backend("deepseek-v4-pro"));
    assertEquals("house", backend("deepseek-flash"));
  }

  @Test
  void theOtherPoolHelps() throws Exception {
    upstreams.upstream("large").kill();
    assertEquals("house", backend("deepseek-v4-pro"));
    upstreams.upstream("large").restart();
  }

  @Test
  void callersNeedAKeyAndHaveALimit() throws Exception {
    assertEquals(401, ask("deepseek-flash", "another key, of nobody here").statusCode());
    int status = 200;
    for (int i = 0; i < 1000 && status == 200; i++) {
      status = ask("deepseek-flash", "a key of 16 or more characters").statusCode();
    }
    assertEquals(429, status);
  }

  private String backend(String model) throws Exception {
    HttpResponse<String> answer = ask(model, "a key of 16 or more characters");
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.headers().firstValue("x-forebay-backend").orElseThrow();
  }

  private HttpResponse<String> ask(String model, String key) throws Exception {
    String body =
        "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    return http.send(
        HttpRequest.newBuilder(base)
            .header("x-api-key", key)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
