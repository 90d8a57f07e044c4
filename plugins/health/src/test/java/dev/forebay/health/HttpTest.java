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
import dev.forebay.spi.Call;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpTest implements HealthProbeContract {

  private static final String PASSWORD = "of this test";

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
  void anAnswerIsNoErrorInTheLogWhateverItIs() {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      int port = listen(request -> request.response().end("ok".repeat(100_000)));
      assertTrue(ask(port, null, List.of(200)).succeeded());
      assertTrue(ask(port, "ok", List.of(200)).succeeded());
      assertTrue(ask(port, "no", List.of(200)).failed());
      assertTrue(ask(port, null, List.of(204)).failed());
      TcpTest.done(vertx.close());
    } finally {
      System.setErr(before);
    }
    assertFalse(log.toString(StandardCharsets.UTF_8).contains("ERROR"), log::toString);
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
    Http options =
        new Http(
            "/deep/health?full=1",
            port,
            List.of(200),
            null,
            Map.of("authorization", "Bearer s3cret"),
            null,
            true,
            null);
    Stage stage = stage();
    HealthProbe probe = options.create(stage.context());
    At elsewhere = new At(URI.create("http://127.0.0.1:1/v1"));
    assertTrue(
        stage.await(() -> probe.probe(elsewhere, Call.root(stage.requestTimeline()))).succeeded());
    assertFalse(options.toString().contains("s3cret"), options.toString());
  }

  @Test
  void aPathThatIsNoneIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Http.path("health"));
    assertThrows(IllegalArgumentException.class, () -> Http.path("/a b"));
  }

  @Test
  void aCertificateIsTrustedWhereItsFileIsGiven(@TempDir Path folder) throws Exception {
    Path store = folder.resolve("server.p12");
    Path pem = folder.resolve("server.pem");
    keytool("-genkeypair -keyalg EC -alias a -dname CN=llm.internal -storetype PKCS12", store);
    keytool("-exportcert -rfc -alias a -file " + pem, store);
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setKeyCertOptions(
                        new PfxOptions().setPath(store.toString()).setPassword(PASSWORD)))
            .requestHandler(request -> request.response().end());
    int port = TcpTest.done(server.listen(0, "127.0.0.1")).actualPort();
    At secure = new At(URI.create("https://127.0.0.1:" + port + "/v1"));
    Http options = Http.path("/health");
    assertTrue(ask(options, secure).failed(), "nobody vouches for it");
    assertTrue(ask(options.withTrust(pem.toString()), secure).failed(), "it names another host");
    assertTrue(ask(options.withTrust(pem.toString()).withVerifyHost(false), secure).succeeded());
    assertTrue(
        ask(options.withVerifyHost(false), secure).failed(), "any host, but not any certificate");
    Http without = options.withTrust(folder.resolve("no-such.pem").toString());
    assertThrows(IllegalArgumentException.class, () -> Options.check(without));
  }

  @Test
  void theQuestionGoesThroughAProxyWhereOneIsGiven() {
    List<String> seen = new CopyOnWriteArrayList<>();
    int proxy =
        listen(
            request -> {
              seen.add(request.uri());
              request.response().end();
            });
    At hidden = new At(URI.create("http://llm.internal:8000/v1"));
    Http options = Http.path("/health").withProxy("http://127.0.0.1:" + proxy);
    assertTrue(ask(options, hidden).succeeded());
    assertEquals(List.of("http://llm.internal:8000/health"), seen);
    for (String wrong : List.of("127.0.0.1:3128", "http://proxy", "http://me:hunter2@proxy:1")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> options.withProxy(wrong)).getMessage();
      assertEquals("proxy: no HTTP URL (expected: http://HOST:PORT, without a user)", message);
    }
  }

  private static void keytool(String arguments, Path store) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(List.of("-storepass", PASSWORD, "-keystore", store.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  private Future<Void> ask(Http options, Backend backend) {
    Stage stage = stage();
    HealthProbe probe = options.create(stage.context());
    return stage.await(() -> probe.probe(backend, Call.root(stage.requestTimeline())));
  }

  private Future<Void> ask(int port, @Nullable String body, List<Integer> status) {
    Stage stage = stage();
    HealthProbe probe =
        new Http("/", 0, status, body, Map.of(), null, true, null).create(stage.context());
    return stage.await(() -> probe.probe(At.port(port), Call.root(stage.requestTimeline())));
  }
}
