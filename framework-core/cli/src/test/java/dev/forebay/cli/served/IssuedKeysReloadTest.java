package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.CallerKeys;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.options.Doc;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that a section issues hold over a reload, and the gateway does not open. */
@Timeout(60)
class IssuedKeysReloadTest {

  private static final String KEY = "issued-".repeat(4);
  private static final AtomicBoolean READ = new AtomicBoolean(true);

  /** A section that knows one key. */
  @Doc("A section that knows one key.")
  record Issuing() implements Plugin<Section> {
    @Override
    public Section create(PluginContext context) {
      IssuedKey issued = new IssuedKey("i1", sha256(KEY), "acme", 1, List.of());
      context
          .resource(CallerKeys.Place.class)
          .orElseThrow()
          .add(
              new CallerKeys() {
                @Override
                public @Nullable IssuedKey find(String hash) {
                  return READ.get() && hash.equals(issued.sha256()) ? issued : null;
                }

                @Override
                public boolean allRead() {
                  return READ.get();
                }
              });
      return new Section() {
        @Override
        public boolean ready() {
          return READ.get();
        }
      };
    }
  }

  private static String sha256(String key) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static GatewayDocument read(String more) {
    String yaml =
        """
        http: { port: 0 }
        administration: { port: 0 }
        issuing: {}
        backends: [ { plugin: simulated, id: a } ]
        """;
    Registry registry =
        Registry.load(IssuedKeysReloadTest.class.getClassLoader()).with(Issuing.class);
    return GatewayDocument.read(Node.parse("gateway.yaml", yaml + more, name -> null), registry);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "keys: [{ id: a, key: aaaaaaaaaaaaaaaaaaaa, tenant: a }]"})
  void issuedKeysHoldOverAReload(String keys) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (HttpClient http = HttpClient.newHttpClient()) {
      GatewayServer server = Served.await(GatewayServer.start(vertx, read(keys)));
      assertEquals(List.of(401, 401, 200), statuses(http, server));
      Served.await(server.reload(read(keys + "\nextra-work: { ratio: 0.2 }\n")));
      assertEquals(List.of(401, 401, 200), statuses(http, server));
      Served.await(server.close());
    } finally {
      Served.await(vertx.close());
    }
  }

  @Test
  void anUnknownKeyIsToComeAgainUntilAllAreRead() throws Exception {
    Vertx vertx = Vertx.vertx();
    READ.set(false);
    try (HttpClient http = HttpClient.newHttpClient()) {
      GatewayServer server =
          Served.await(
              GatewayServer.start(
                  vertx, read("keys: [{ id: a, key: aaaaaaaaaaaaaaaaaaaa, tenant: a }]")));
      assertEquals(List.of(401, 503, 503), statuses(http, server));
      assertEquals(200, status(http, server, "a".repeat(20)), "keys of the document are known");
      HttpResponse<String> refused = ask(http, server, "/v1/models", KEY);
      assertEquals("1", refused.headers().firstValue("retry-after").orElse(""));
      assertEquals("keys_unread", refused.headers().firstValue("x-forebay-reason").orElse(""));
      assertEquals(503, ask(http, server, "/readyz", "").statusCode());
      READ.set(true);
      assertEquals(List.of(401, 401, 200), statuses(http, server));
      assertEquals(200, ask(http, server, "/readyz", "").statusCode());
      Served.await(server.close());
    } finally {
      READ.set(true);
      Served.await(vertx.close());
    }
  }

  /** Of callers without a key, with an unknown one, and with the issued one. */
  private static List<Integer> statuses(HttpClient http, GatewayServer server) throws Exception {
    return List.of(status(http, server, ""), status(http, server, "x"), status(http, server, KEY));
  }

  private static int status(HttpClient http, GatewayServer server, String key) throws Exception {
    return ask(http, server, "/v1/models", key).statusCode();
  }

  private static HttpResponse<String> ask(
      HttpClient http, GatewayServer server, String path, String key) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (!key.isEmpty()) {
      request.header("authorization", "Bearer " + key);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
