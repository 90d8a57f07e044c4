package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.servers.MariaDb;
import io.vertx.core.net.SelfSignedCertificate;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server that takes no connection without TLS, with a certificate for {@code localhost}. */
class TlsTest {

  private static final SelfSignedCertificate OWN = SelfSignedCertificate.create("localhost");
  private static final SelfSignedCertificate OTHER = SelfSignedCertificate.create("localhost");
  private static @Nullable MariaDb server;

  @BeforeAll
  static void start() throws IOException {
    server =
        MariaDb.start(
            "ssl-cert=" + OWN.certificatePath(),
            "ssl-key=" + OWN.privateKeyPath(),
            "ssl=1",
            "require-secure-transport=1");
  }

  @AfterAll
  static void stop() throws IOException {
    server().close();
    OWN.delete();
    OTHER.delete();
  }

  private static MariaDb server() {
    return java.util.Objects.requireNonNull(server);
  }

  /** The cipher of a connection. */
  private static String cipher(String host, @Nullable Tls tls) throws Exception {
    String address = "mysql://" + host + ":" + server().port() + "/" + MariaDb.DATABASE;
    MysqlLedger plain =
        Servers.ledger(new Database("a", address, List.of())).withTimeout(Duration.ofSeconds(20));
    MysqlLedger ledger = tls == null ? plain : plain.withTls(tls);
    Pool pool = Databases.pool(ledger, Servers.VERTX, address, 1);
    try {
      RowSet<Row> rows =
          pool.query("SHOW STATUS LIKE 'Ssl_cipher'")
              .execute()
              .toCompletionStage()
              .toCompletableFuture()
              .get(60, TimeUnit.SECONDS);
      return rows.iterator().next().getString(1);
    } finally {
      Servers.await(pool.close());
    }
  }

  private static Tls trusting(SelfSignedCertificate certificate, boolean verifyHost) {
    return new Tls(certificate.certificatePath(), null, null, verifyHost);
  }

  @Test
  void aServerIsTrustedByItsCertificateAndItsName() throws Exception {
    assertFalse(cipher("localhost", trusting(OWN, true)).isEmpty());
    assertFalse(cipher("127.0.0.1", trusting(OWN, false)).isEmpty());
  }

  @Test
  void aServerThatIsNotTrustedGetsNoPassword() {
    List.of(trusting(OTHER, true), trusting(OTHER, false), new Tls(null, null, null, true))
        .forEach(
            tls ->
                assertThrows(ExecutionException.class, () -> cipher("localhost", tls), "" + tls));
    assertThrows(ExecutionException.class, () -> cipher("127.0.0.1", trusting(OWN, true)));
  }

  @Test
  void withoutTlsTheServerRefuses() {
    assertThrows(ExecutionException.class, () -> cipher("localhost", null));
  }

  @Test
  void filesComeInPairs() {
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> new Tls(null, "a.pem", null, true));
    assertEquals(
        "certificate: one of two (expected: certificate and certificate-key, or none of them)",
        wrong.getMessage());
  }
}
