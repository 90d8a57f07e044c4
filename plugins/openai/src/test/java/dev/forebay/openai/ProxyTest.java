package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.servers.Golden;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies between the gateway and an upstream. */
@Timeout(180)
final class ProxyTest {

  private static final String GREETING = Buffer.buffer(new byte[] {5, 0}).toString();
  private static final byte[] CONNECTED = {5, 0, 0, 1, 0, 0, 0, 0, 0, 0};

  private final Driver driver = new Driver();

  /** Kept: Vert.x closes a client that nobody holds at the next garbage collection. */
  private final NetClient sockets = driver.vertx.createNetClient();

  private final List<String> passed = new CopyOnWriteArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void anUpstreamWithTlsIsReachedByConnect() throws Exception {
    Certificate certificate = Certificate.of(folder, "localhost");
    int upstream =
        upstream(
            new HttpServerOptions()
                .setSsl(true)
                .setSslHandshakeTimeout(50) // the first one takes long on a busy machine
                .setKeyCertOptions(
                    new PfxOptions()
                        .setPath(certificate.store().toString())
                        .setPassword(Certificate.PASSWORD)));
    int proxy =
        Driver.done(driver.vertx.createHttpServer().requestHandler(this::connect).listen(0))
            .actualPort();
    OpenAi options =
        OpenAi.at("a", "https://localhost:" + upstream)
            .withTls(Tls.DEFAULT.trusting(certificate.chain(), null))
            .withProxy(new Proxy("http://localhost:" + proxy, "user", "pass"));
    assertEquals(Golden.WHOLE, driver.read(driver.backend(options), false).text());
    assertEquals(List.of("localhost:" + upstream + " Basic dXNlcjpwYXNz"), passed);
    OpenAi refused =
        OpenAi.at("b", "https://localhost:" + upstream)
            .withTls(Tls.DEFAULT.trusting(certificate.chain(), null))
            .withProxy(Proxy.at("http://localhost:" + proxy));
    assertEquals("proxy", driver.failure(driver.backend(refused), false).reason());
  }

  /** Without TLS there is no tunnel: the proxy is asked for the whole URL, and told who asks. */
  @Test
  void anUpstreamWithoutTlsIsAskedForByTheProxy() {
    int proxy =
        Driver.done(
                driver
                    .vertx
                    .createHttpServer()
                    .requestHandler(
                        request -> {
                          passed.add(
                              request.uri() + " " + request.getHeader("proxy-authorization"));
                          request
                              .response()
                              .putHeader("content-type", "application/json")
                              .end(Golden.WHOLE);
                        })
                    .listen(0))
            .actualPort();
    OpenAi options =
        OpenAi.at("a", "http://upstream.invalid:81")
            .withProxy(new Proxy("http://localhost:" + proxy, "user", "pass"));
    assertEquals(Golden.WHOLE, driver.read(driver.backend(options), false).text());
    assertEquals(
        List.of("http://upstream.invalid:81/v1/chat/completions Basic dXNlcjpwYXNz"), passed);
  }

  @Test
  void anUpstreamIsReachedBySocks5() {
    int upstream = upstream(new HttpServerOptions());
    int proxy =
        Driver.done(
                driver.vertx.createNetServer().connectHandler(s -> socks(s, upstream)).listen(0))
            .actualPort();
    OpenAi options =
        OpenAi.at("a", "http://upstream.invalid")
            .withProxy(Proxy.at("socks5://localhost:" + proxy));
    assertEquals(Golden.WHOLE, driver.read(driver.backend(options), false).text());
    assertEquals(1, passed.size());
    assertEquals("upstream.invalid", passed.get(0), "the name is looked up by the proxy");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost:1", "ftp://h:1", "http://h", "socks5://user:word@h:1", "http://[:1"})
  void wrongAddressesAreRefusedWithoutTheirText(String url) {
    IllegalArgumentException said =
        assertThrows(IllegalArgumentException.class, () -> Proxy.at(url));
    assertFalse(String.valueOf(said.getMessage()).contains("word@"));
    assertFalse(new Proxy("http://h:1", "user", "word").toString().contains("word"));
  }

  private int upstream(HttpServerOptions options) {
    return Driver.done(
            driver
                .vertx
                .createHttpServer(options)
                .requestHandler(
                    request ->
                        request
                            .response()
                            .putHeader("content-type", "application/json")
                            .end(Golden.WHOLE))
                .listen(0))
        .actualPort();
  }

  private void connect(HttpServerRequest request) {
    String who = request.getHeader("proxy-authorization");
    if (request.method() != HttpMethod.CONNECT || who == null) {
      request.response().setStatusCode(407).end();
      return;
    }
    passed.add(request.uri() + " " + who);
    int port = Integer.parseInt(request.uri().replaceAll(".*:", ""));
    sockets
        .connect(port, "localhost")
        .compose(far -> request.toNetSocket().map(near -> join(near, far)));
  }

  private void socks(NetSocket near, int port) {
    near.handler(
        hello ->
            near.write(GREETING)
                .map(
                    nothing ->
                        near.handler(
                            wanted -> {
                              passed.add(wanted.getString(5, 5 + wanted.getByte(4)));
                              far(near, port);
                            })));
  }

  private void far(NetSocket near, int port) {
    near.pause();
    sockets
        .connect(port, "localhost")
        .compose(far -> near.write(Buffer.buffer(CONNECTED)).map(nothing -> join(near, far)));
  }

  private static Future<Void> join(NetSocket near, NetSocket far) {
    far.pipeTo(near);
    near.resume();
    return near.pipeTo(far);
  }
}
