package dev.forebay.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.HealthProbeContract;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import dev.forebay.health.http.Http;
import dev.forebay.spi.Backend;
import dev.forebay.spi.Call;
import dev.forebay.spi.HealthProbe;
import dev.forebay.spi.Plugin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpTest implements HealthProbeContract {

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();

  @AfterEach
  void close() {
    TcpTest.done(vertx.close());
  }

  @Override
  public Map<String, String> exempt() {
    return TcpTest.withoutVirtualTime();
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(vertx, 1);
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public Plugin<HealthProbe> plugin() {
    return Http.path("/health");
  }

  private int listen(io.vertx.core.Handler<HttpServerRequest> answers) {
    HttpServer server =
        vertx
            .createHttpServer()
            .connectionHandler(
                connection -> {
                  open.incrementAndGet();
                  connection.closeHandler(closed -> open.decrementAndGet());
                })
            .requestHandler(
                request -> {
                  asked.incrementAndGet();
                  answers.handle(request);
                });
    return TcpTest.done(server.listen(0, "127.0.0.1")).actualPort();
  }

  @Override
  public Target target() {
    int up = listen(request -> request.response().end("ok"));
    int down = listen(request -> request.response().setStatusCode(503).end("loading"));
    int hanging = listen(request -> {});
    return new Target() {
      @Override
      public Backend up() {
        return At.port(up);
      }

      @Override
      public Backend down() {
        return At.port(down);
      }

      @Override
      public Optional<Backend> hanging() {
        return Optional.of(At.port(hanging));
      }

      @Override
      public long asked() {
        return asked.get();
      }

      @Override
      public long open() {
        return open.get();
      }
    };
  }

  @Test
  void aTextInTheBodyIsExpectedWhereOneIsGiven() {
    int ready = listen(request -> request.response().setChunked(true).end("{\"ready\":true}"));
    int loading = listen(request -> request.response().end("{\"ready\":false}"));
    int endless = listen(request -> request.response().end("x".repeat(100_000)));
    assertTrue(ask(ready, "\"ready\":true", List.of(200)).succeeded());
    assertEquals(
        "the body lacks the expected text",
        ask(loading, "\"ready\":true", List.of(200)).cause().getMessage());
    assertEquals(
        "the first 64 KiB of the body lack the expected text",
        ask(endless, "\"ready\":true", List.of(200)).cause().getMessage());
  }

  @Test
  void theStatusIsOneOfThoseExpected() {
    int port = listen(request -> request.response().setStatusCode(204).end());
    assertTrue(ask(port, null, List.of(200, 204)).succeeded());
    assertEquals(
        "status 204 (expected: one of [200])", ask(port, null, List.of(200)).cause().getMessage());
  }

  @Test
  void theQuestionGoesToThePathWithItsHeaders() {
    int port =
        listen(
            request -> {
              boolean right =
                  request.uri().equals("/deep/health?full=1")
                      && "Bearer s3cret".equals(request.getHeader("authorization"));
              request.response().setStatusCode(right ? 200 : 400).end();
            });
    Http.Options options =
        new Http.Options(
            "/deep/health?full=1",
            port,
            List.of(200),
            null,
            Map.of("authorization", "Bearer s3cret"));
    Stage stage = stage();
    HealthProbe probe = Plugin.of(new Http(), options).create(stage.context());
    At elsewhere = new At(URI.create("http://127.0.0.1:1/v1"));
    assertTrue(stage.await(() -> probe.probe(elsewhere, Call.root(stage.home()))).succeeded());
    assertFalse(options.toString().contains("s3cret"), options.toString());
  }

  @Test
  void aPathThatIsNoneIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Http.path("health"));
    assertThrows(IllegalArgumentException.class, () -> Http.path("/a b"));
  }

  private Future<Void> ask(int port, @Nullable String body, List<Integer> status) {
    Stage stage = stage();
    HealthProbe probe =
        Plugin.of(new Http(), new Http.Options("/", 0, status, body, Map.of()))
            .create(stage.context());
    return stage.await(() -> probe.probe(At.port(port), Call.root(stage.home())));
  }
}
