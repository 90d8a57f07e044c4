package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.stream.Streams;
import dev.forebay.servers.Golden;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.options.Options;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS, and the versions of HTTP. */
@Timeout(60)
final class TransportTest {

  @TempDir static Path folder;
  private static Certificate server;
  private static Certificate client;

  private final Driver driver = new Driver();
  private final List<HttpVersion> spoken = new CopyOnWriteArrayList<>();
  private final Promise<Throwable> reset = Promise.promise();

  @BeforeAll
  static void makeCertificates()
      throws IOException, InterruptedException, GeneralSecurityException {
    server = Certificate.of(folder, "localhost");
    client = Certificate.of(folder, "gateway");
  }

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void aCertificateThatIsNotTrustedIsRefused() {
    int port = listen(tls());
    Failure failure = driver.failure(driver.backend(OpenAi.at("a", https(port))), false);
    assertEquals("tls", failure.reason());
    assertEquals("its certificate is not trusted", failure.detail());
    OpenAi other = OpenAi.at("d", https(port)).withTls(Tls.DEFAULT.trusting(client.chain(), null));
    assertEquals(
        "its certificate is not trusted", driver.failure(driver.backend(other), false).detail());
    read(OpenAi.at("b", https(port)).withTls(trusting()));
    read(
        OpenAi.at("c", https(port))
            .withTls(Tls.DEFAULT.trusting(server.store(), Certificate.PASSWORD)));
  }

  @Test
  void aCertificateMustNameItsHost() {
    String url = "https://127.0.0.1:" + listen(tls());
    OpenAi strict = OpenAi.at("a", url).withTls(trusting());
    Failure failure = driver.failure(driver.backend(strict), false);
    assertEquals("tls", failure.reason());
    assertEquals("its certificate is of another host", failure.detail());
    read(OpenAi.at("b", url).withTls(new Tls(server.chain().toString(), null, null, null, false)));
  }

  @Test
  void aCertificateThatHasExpiredIsSaidSoAndWhatHasNoWordsIsCutShort() {
    CertificateExpiredException expired = new CertificateExpiredException("NotAfter: yesterday");
    SSLException thrown =
        new SSLException("no", new CertPathValidatorException("timestamp", expired));
    assertEquals("its certificate has expired", Refusals.of(thrown).detail());
    assertEquals("x".repeat(100) + "...", TlsWords.of(new SSLException("x".repeat(500))));
  }

  @Test
  void anUpstreamThatWantsTlsIsToldOfAsOneThatDoesNotAnswer() {
    OpenAi plain = OpenAi.at("a", "http://localhost:" + listen(tls()));
    Failure failure = driver.failure(driver.backend(plain), false);
    assertEquals("reset", failure.reason());
    assertEquals(
        "no answer came before the connection broke; the upstream may want TLS, or a client"
            + " certificate",
        failure.detail());
  }

  @Test
  void aClientCertificateIsShownWhereOneIsAskedFor() {
    PemTrustOptions known = new PemTrustOptions().addCertPath(client.chain().toString());
    int port = listen(tls().setClientAuth(ClientAuth.REQUIRED).setTrustOptions(known));
    OpenAi unknown = OpenAi.at("a", https(port)).withTls(trusting());
    Failure failure = driver.failure(driver.backend(unknown), false);
    assertEquals(502, failure.httpStatus());
    assertTrue(failure.detail() != null, "that it may want a certificate");
    read(OpenAi.at("b", https(port)).withTls(trusting().showing(client.chain(), client.key())));
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, AUTO, HTTP_2",
    "true, false, AUTO, HTTP_1_1",
    "true, true, HTTP1, HTTP_1_1",
    "true, true, HTTP2, HTTP_2",
    "false, true, AUTO, HTTP_1_1",
    "false, true, HTTP2, HTTP_2"
  })
  void theProtocolIsAgreedOn(boolean tls, boolean offered, Protocol wanted, HttpVersion agreed) {
    int port = listen((tls ? tls() : new HttpServerOptions()).setUseAlpn(offered));
    String url = tls ? https(port) : "http://localhost:" + port;
    OpenAiBackend backend =
        driver.backend(
            OpenAi.at("a", url).withTls(tls ? trusting() : Tls.DEFAULT).withProtocol(wanted));
    assertEquals(Golden.WHOLE, driver.read(backend, false).text());
    assertEquals(List.of(agreed), spoken);
  }

  /** One that says nothing is late, and nothing is wrong with its certificate. */
  @Test
  void anUpstreamThatIsSilentInTheHandshakeIsLate() {
    int port =
        Driver.done(driver.vertx.createNetServer().connectHandler(silent -> {}).listen(0))
            .actualPort();
    OpenAi options =
        OpenAi.at("a", https(port))
            .withTls(trusting())
            .withConnectTimeout(Duration.ofSeconds(1))
            .withRequestTimeout(Duration.ofSeconds(50));
    assertEquals("connect_timeout", driver.failure(driver.backend(options), false).reason());
  }

  @Test
  void anUpstreamThatEndsTheHandshakeHasResetTheConnection() {
    int port =
        Driver.done(
                driver
                    .vertx
                    .createNetServer()
                    .connectHandler(socket -> socket.handler(hello -> socket.close()))
                    .listen(0))
            .actualPort();
    OpenAi options = OpenAi.at("a", https(port)).withTls(trusting());
    assertEquals("reset", driver.failure(driver.backend(options), false).reason());
  }

  @ParameterizedTest
  @CsvSource({"HTTP1", "HTTP2"})
  void cancellingReachesTheUpstreamAtOnce(Protocol protocol) {
    int port = listen(new HttpServerOptions());
    OpenAiBackend backend =
        driver.backend(OpenAi.at("a", "http://localhost:" + port).withProtocol(protocol));
    InferenceResponse response = Driver.done(driver.serve(backend, true));
    Driver.done(driver.on(() -> response.tokens().next()));
    driver.timeline.execute(() -> response.tokens().cancel());
    Throwable seen = Driver.done(reset.future());
    if (protocol == Protocol.HTTP2) {
      assertEquals(8, ((StreamResetException) seen).getCode(), "CANCEL");
      driver.read(backend, false); // the connection serves on
    }
  }

  /** What comes after the finish reason may be an error, which nobody can read. */
  @Test
  void aStreamWithAFinishReasonFailsIfItsFramingBreaks() {
    String event = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    String head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    Promise<NetSocket> asked = Promise.promise();
    int port =
        Driver.done(
                driver
                    .vertx
                    .createNetServer()
                    .connectHandler(socket -> socket.handler(any -> asked.tryComplete(socket)))
                    .listen(0))
            .actualPort();
    Future<InferenceResponse> answer =
        driver.serve(driver.backend(OpenAi.at("a", "http://localhost:" + port)), true);
    NetSocket upstream = Driver.done(asked.future());
    upstream.write(head + Integer.toHexString(event.length()) + "\r\n" + event);
    InferenceResponse response = Driver.done(answer);
    Driver.done(driver.on(() -> response.tokens().next()));
    upstream.write("no chunk\r\n");
    Failure failure =
        assertInstanceOf(
            Failure.class,
            Driver.done(
                driver
                    .on(() -> response.tokens().next())
                    .<Object>map(chunk -> chunk)
                    .otherwise(thrown -> thrown)));
    assertEquals("invalid_answer", failure.reason());
  }

  /** Nobody reads the first ones: they hold their own windows, not the connection's. */
  @Test
  void streamsThatNobodyReadsDoNotStopTheOthers() {
    int port = listen(new HttpServerOptions());
    OpenAiBackend backend =
        driver.backend(
            OpenAi.at("a", "http://localhost:" + port)
                .withProtocol(Protocol.HTTP2)
                .withMaxConnections(100)
                .withMaxAnswer(1 << 20));
    for (int i = 0; i < 20; i++) {
      Driver.done(driver.serve(backend, true));
    }
    assertEquals(Golden.WHOLE, driver.read(backend, false).text());
  }

  /** Vert.x tells of the GOAWAY at once, and of the end when it is read. */
  @Test
  void aWholeStreamThatIsReadSlowlySurvivesAGoAway() {
    Promise<Void> gone = Promise.promise();
    HttpServer ending =
        Driver.done(
            driver
                .vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      request.connection().goAway(0);
                      request.response().closeHandler(closed -> gone.tryComplete());
                      request
                          .response()
                          .putHeader("content-type", "text/event-stream")
                          .end(Golden.WORD.repeat(200) + Golden.STREAM);
                    })
                .listen(0));
    OpenAiBackend backend =
        driver.backend(
            OpenAi.at("a", "http://localhost:" + ending.actualPort()).withProtocol(Protocol.HTTP2));
    InferenceResponse response = Driver.done(driver.serve(backend, true));
    Driver.done(gone.future());
    StringBuilder text = new StringBuilder();
    Driver.done(
        driver.on(() -> Streams.forEach(response.tokens(), chunk -> text.append(chunk.data()))));
    assertTrue(text.toString().endsWith("data: [DONE]\n\n"), "all of it");
  }

  /** A new connection looks its host up again: so changes of DNS are noticed. */
  @ParameterizedTest
  @CsvSource({"300, 1", "1, 2"})
  void aConnectionIsUsedForItsAge(int ageSeconds, int expected) throws InterruptedException {
    AtomicInteger connections = new AtomicInteger();
    HttpServer counting =
        Driver.done(
            driver
                .vertx
                .createHttpServer()
                .connectionHandler(one -> connections.incrementAndGet())
                .requestHandler(this::answer)
                .listen(0));
    OpenAiBackend backend =
        driver.backend(
            OpenAi.at("a", "http://localhost:" + counting.actualPort())
                .withKeepAlive(Duration.ofSeconds(30))
                .withConnectionAge(Duration.ofSeconds(ageSeconds)));
    driver.read(backend, false);
    driver.read(backend, false);
    assertEquals(1, connections.get(), "young, and used again");
    Thread.sleep(2_500); // past the age of one second
    driver.read(backend, false);
    assertEquals(expected, connections.get());
  }

  @Test
  void aHostThatNobodyKnowsIsSaidSo() {
    OpenAi nowhere = OpenAi.at("a", "http://nowhere.invalid");
    assertEquals("unknown_host", driver.failure(driver.backend(nowhere), false).reason());
  }

  /** One connection, and one who waits for it: the next has no place. */
  @Test
  void moreThanTheConnectionsHoldAreRefused() {
    int port = listen(new HttpServerOptions());
    OpenAiBackend small =
        driver.backend(
            OpenAi.at("a", "http://localhost:" + port)
                .withMaxConnections(1)
                .withMaxAnswer(1 << 20));
    Driver.done(driver.serve(small, true)); // without an end
    driver.serve(small, true);
    Failure failure = driver.failure(small, false);
    assertEquals("connections_exhausted", failure.reason());
    assertEquals(503, failure.httpStatus());
  }

  /** A listener that accepts nothing, with as many before the door as there is room for. */
  @Test
  void aConnectionThatIsNotMadeInTimeIsGivenUp() throws IOException {
    List<SocketChannel> before = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 8; i++) {
        SocketChannel one = SocketChannel.open();
        one.configureBlocking(false);
        one.connect(full.getLocalSocketAddress());
        before.add(one);
      }
      OpenAi hurried =
          OpenAi.at("a", "http://127.0.0.1:" + full.getLocalPort())
              .withConnectTimeout(Duration.ofMillis(200))
              .withRequestTimeout(Duration.ofSeconds(20));
      assertEquals("connect_timeout", driver.failure(driver.backend(hurried), false).reason());
    } finally {
      for (SocketChannel one : before) {
        one.close();
      }
    }
  }

  @Test
  @SuppressWarnings("NullAway") // what code without its checks may do
  void whatIsNullIsNamed() {
    assertEquals(
        "url: null (expected: a URL)",
        assertThrows(NullPointerException.class, () -> OpenAi.at(null)).getMessage());
    assertEquals(
        "id: null (expected: a text)",
        assertThrows(NullPointerException.class, () -> OpenAi.at(null, "http://h")).getMessage());
  }

  @Test
  void filesThatCannotBeReadAreSaidSo() {
    Path missing = folder.resolve("missing.pem");
    for (Record wrong :
        List.of(
            Tls.DEFAULT.trusting(missing, null),
            Tls.DEFAULT.showing(server.chain(), missing),
            OpenAi.at("a", "http://h").withKeyFile(missing.toString()))) {
      IllegalArgumentException said =
          assertThrows(IllegalArgumentException.class, () -> Options.check(wrong));
      assertTrue(String.valueOf(said.getMessage()).contains("missing.pem"), said.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new Tls(null, null, server.chain().toString(), null, true));
  }

  private void read(OpenAi options) {
    assertEquals(Golden.WHOLE, driver.read(driver.backend(options), false).text());
  }

  private static Tls trusting() {
    return Tls.DEFAULT.trusting(server.chain(), null);
  }

  private static String https(int port) {
    return "https://localhost:" + port;
  }

  private static HttpServerOptions tls() {
    return new HttpServerOptions()
        .setSsl(true)
        .setSslHandshakeTimeout(50) // the first one of a process takes long on a busy machine
        .setUseAlpn(true)
        .setKeyCertOptions(
            new PfxOptions().setPath(server.store().toString()).setPassword(Certificate.PASSWORD));
  }

  private int listen(HttpServerOptions options) {
    HttpServer listening =
        Driver.done(driver.vertx.createHttpServer(options).requestHandler(this::answer).listen(0));
    return listening.actualPort();
  }

  /** A whole answer, or a stream without an end. */
  private void answer(HttpServerRequest request) {
    spoken.add(request.version());
    if (!"text/event-stream".equals(request.getHeader("accept"))) {
      request.response().putHeader("content-type", "application/json").end(Golden.WHOLE);
      return;
    }
    request.exceptionHandler(reset::tryComplete);
    request.response().exceptionHandler(reset::tryComplete);
    request.response().closeHandler(closed -> reset.tryComplete(new IOException("closed")));
    request.response().setChunked(true).putHeader("content-type", "text/event-stream");
    Buffer words = Buffer.buffer(Golden.WORD.repeat(2_000));
    request.response().write(words);
    request.response().drainHandler(none -> request.response().write(words));
  }
}
