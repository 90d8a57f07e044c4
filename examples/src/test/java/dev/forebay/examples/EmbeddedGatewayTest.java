package dev.forebay.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.junit5.ForebayExtension;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class EmbeddedGatewayTest {

  @RegisterExtension
  static final ForebayExtension upstreams = ForebayExtension.builder().upstream("a").build();

  @Test
  void answersBelowItsPathAndLogsEachRequestWhenItIsOver() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      BlockingQueue<String> lines = new LinkedBlockingQueue<>();
      Router application = Router.router(vertx);
      String url = upstreams.upstream("a").uri().toString();
      GatewayServer gateway = EmbeddedGateway.mount(vertx, application, url, lines::add);
      int port =
          get(vertx.createHttpServer().requestHandler(application).listen(0, "127.0.0.1"))
              .actualPort();

      HttpResponse<String> answer =
          Chat.ask(URI.create("http://127.0.0.1:" + port + "/ai"), "hello", true);
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals("upstream", Chat.header(answer, "x-forebay-backend"));
      String line = lines.poll(10, TimeUnit.SECONDS);
      assertNotNull(line);
      assertTrue(
          line.matches(
              Chat.header(answer, "x-request-id") + " deepseek-flash OK 20 tokens [0-9]+ ms"),
          line);

      upstreams.upstream("a").kill();
      assertEquals(
          502, Chat.ask(URI.create("http://127.0.0.1:" + port + "/ai"), "x", false).statusCode());
      assertTrue(String.valueOf(lines.poll(10, TimeUnit.SECONDS)).contains("deepseek-flash"));
      get(gateway.close());
    } finally {
      get(vertx.close());
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
