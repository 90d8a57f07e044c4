package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.edge.identity.Keys;
import dev.forebay.spi.RequestInfo;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS on the listener; {@code src/test/resources/tls/make.sh} made the certificates. */
final class TlsTest extends EdgeFixture {

  private static final Path MADE = Path.of("src/test/resources/tls");

  private static final String ANONYMOUS = "";

  @TempDir Path folder;

  @BeforeEach
  void copyFiles() throws Exception {
    use("server");
  }

  @Test
  void callersAreSpokenToInSecret() throws Exception {
    startTls("");
    assertEquals(200, await(ask(client(ANONYMOUS), Map.of())).status());
    assertEquals("first", server());
    Future<Answer> plain = get("/healthz");
    assertTrue(failed(plain), "plain HTTP is not answered");
  }

  @Test
  void aNewCertificateIsUsedWithoutARestart() throws Exception {
    startTls("reload: 5ms");
    assertEquals("first", server());
    use("server-2");
    while (!server().equals("second")) {
      assertTrue(edge.port() > 0);
    }
  }

  @Test
  void aPairThatDoesNotFitChangesNothing() throws Exception {
    startTls("reload: 5ms");
    Files.copy(
        MADE.resolve("server-2.pem"),
        folder.resolve("server.pem"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    for (int i = 0; i < 20; i++) {
      assertEquals("first", server());
    }
    use("server-2");
    while (!server().equals("second")) {
      assertTrue(edge.port() > 0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.pem, bob.key | key | the private key of the certificate",
        "server.key, server.key | certificate | PEM files of a certificate and its key",
        "make.sh, server.key | certificate | PEM files of a certificate and its key",
        "server.pem, server.key, client-ca: server.key | client-ca | a PEM file of certificates"
      })
  void filesThatAreWrongAreNamedAtTheStart(String files, String option, String expected) {
    String[] named = files.split(", ", -1);
    String ca = named.length < 3 ? "" : ", client-ca: " + MADE.resolve(named[2].substring(11));
    String tls =
        "tls: { certificate: %s, key: %s%s }"
            .formatted(MADE.resolve(named[0]), MADE.resolve(named[1]), ca);
    Future<HttpEdge> listening =
        HttpEdge.builder(chain).options(options(tls)).build().listen(vertx);
    Throwable thrown =
        org.junit.jupiter.api.Assertions.assertThrows(
            java.util.concurrent.ExecutionException.class,
            () -> listening.toCompletionStage().toCompletableFuture().get());
    String said = String.valueOf(thrown.getCause());
    assertTrue(said.contains("http.tls." + option + ": "), said);
    assertTrue(said.contains("(expected: " + expected), said);
    assertFalse(said.contains("PRIVATE"), said);
  }

  @Test
  void aClientIsKnownByItsCertificate() throws Exception {
    KeyOptions alice = KeyOptions.ofSubject("k1", "CN=alice, O=Example", "acme");
    start(
        builder ->
            builder
                .options(tls("client-ca: " + MADE.resolve("ca.pem")))
                .keys(Keys.of(List.of(alice.withPriority("vip")), FREE_PORT::priority)));
    Future<Answer> answer = ask(client("alice"), Map.of());
    assertEquals(200, await(answer).status());
    RequestInfo info = seen();
    assertEquals("k1", info.caller().keyId());
    assertEquals("acme", info.caller().tenant());
    assertEquals(RequestInfo.VIP, info.priority());
    assertEquals(401, await(refused(client("bob"))).status());
    assertTrue(failed(refused(client("mallory"))), "another CA's alice is nobody");
    assertTrue(failed(refused(client(ANONYMOUS))), "a certificate is required");
  }

  @Test
  void whereCertificatesAreAllowedOthersShowAKey() throws Exception {
    KeyOptions alice = KeyOptions.ofSubject("k1", "CN=alice,O=Example", "acme");
    KeyOptions other = KeyOptions.of("k2", "sk-other", "other");
    String ca = MADE.resolve("ca.pem") + ", client-certificates: allowed";
    start(
        builder ->
            builder
                .options(tls("client-ca: " + ca))
                .keys(Keys.of(List.of(alice, other), FREE_PORT::priority)));
    assertEquals(401, await(refused(client(ANONYMOUS))).status());
    Map<String, String> key = Map.of("authorization", "Bearer sk-other");
    assertEquals(200, await(ask(client(ANONYMOUS), key)).status());
    assertEquals("k2", seen().caller().keyId());
    assertEquals(200, await(ask(client("alice"), key)).status());
    assertEquals("k1", seen().caller().keyId());
  }

  @Test
  void anOldProtocolIsNotSpoken() throws Exception {
    startTls("");
    HttpClientOptions old = clientOptions(ANONYMOUS);
    old.setEnabledSecureTransportProtocols(java.util.Set.of("TLSv1.1"));
    assertTrue(failed(refused(kept(old))));
  }

  private final List<HttpClient> clients = new ArrayList<>();
  private @Nullable RequestInfo seen;

  private RequestInfo seen() {
    return java.util.Objects.requireNonNull(seen);
  }

  private Future<Answer> ask(HttpClient from, Map<String, String> headers) throws Exception {
    Future<Answer> answer = refused(from, headers);
    FakeChain.Asked asked = chain.next();
    seen = asked.request.info();
    asked.whole("{}");
    return answer;
  }

  private Future<Answer> refused(HttpClient from) {
    return refused(from, Map.of());
  }

  private Future<Answer> refused(HttpClient from, Map<String, String> headers) {
    return whole(
        from.request(HttpMethod.POST, edge.port(), "127.0.0.1", "/v1/chat/completions")
            .compose(
                request -> {
                  headers.forEach(request::putHeader);
                  return request.send(Buffer.buffer(CHAT)).map(EdgeFixture::paused);
                }));
  }

  /** The name in the certificate that a new connection sees. */
  private String server() throws Exception {
    HttpClient fresh = client(ANONYMOUS);
    String name =
        await(
            fresh
                .request(HttpMethod.GET, edge.port(), "127.0.0.1", "/healthz")
                .compose(request -> request.send())
                .map(
                    response -> {
                      try {
                        return ((X509Certificate)
                                response.request().connection().peerCertificates().get(0))
                            .getSubjectX500Principal()
                            .getName();
                      } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
                        return "nobody";
                      }
                    }));
    await(fresh.close());
    return name.replace("CN=", "");
  }

  private HttpClient client(String certificate) {
    return kept(clientOptions(certificate));
  }

  /** Vert.x closes a client that nobody holds at the next garbage collection. */
  private HttpClient kept(HttpClientOptions options) {
    HttpClient made = vertx.createHttpClient(options);
    clients.add(made);
    return made;
  }

  private static HttpClientOptions clientOptions(String certificate) {
    HttpClientOptions options = new HttpClientOptions().setSsl(true);
    options.setTrustOptions(new PemTrustOptions().addCertPath(MADE.resolve("ca.pem").toString()));
    if (!certificate.equals(ANONYMOUS)) {
      options.setKeyCertOptions(
          new PemKeyCertOptions()
              .setCertPath(MADE.resolve(certificate + ".pem").toString())
              .setKeyPath(MADE.resolve(certificate + ".key").toString()));
    }
    return options;
  }

  private void startTls(String more) throws Exception {
    start(builder -> builder.options(tls(more)));
  }

  private EdgeOptions tls(String more) {
    return options(
        "event-loops: 2, tls: { certificate: %s, key: %s%s }"
            .formatted(
                folder.resolve("server.pem"),
                folder.resolve("server.key"),
                more.isEmpty() ? "" : ", " + more));
  }

  private void use(String name) throws Exception {
    for (String kind : List.of(".key", ".pem")) {
      Path other = Files.copy(MADE.resolve(name + kind), folder.resolve("new" + kind));
      Files.move(
          other, folder.resolve("server" + kind), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static boolean failed(Future<?> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .handle((got, thrown) -> thrown != null)
        .orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
        .join();
  }
}
