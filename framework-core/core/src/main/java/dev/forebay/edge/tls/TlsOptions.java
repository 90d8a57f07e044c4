package dev.forebay.edge.tls;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Range;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.2 and 1.3 on the listener, with PEM files.
 *
 * @param certificate file with the certificate, followed by those that signed it
 * @param key file with its private key, not encrypted (PKCS 8 or PKCS 1)
 * @param clientCa file with certificates that sign those of clients; null where clients need none
 * @param clientCertificates whether a client may, or must, show a certificate
 * @param reload how often to look whether a file has changed
 */
@Doc("TLS on the listener, with PEM files that are read again when they change.")
public record TlsOptions(
    @Doc("File with the certificate, followed by those that signed it.") @FileName
        String certificate,
    @Doc("File with its private key, not encrypted.") @FileName String key,
    @Doc("File with the certificates that sign those of clients; without it, clients need none.")
        @FileName
        @Nullable String clientCa,
    @Doc("Whether clients may or must show a certificate, where there is a client-ca.")
        @Default("required")
        ClientCertificates clientCertificates,
    @Doc("How often to look whether a file has changed.")
        @Default("10s")
        @Range(min = 0.001, max = 86_400)
        Duration reload) {

  /**
   * Checks that the files hold what the listener needs. Blocks.
   *
   * @throws IllegalArgumentException if one is no PEM, or the key is another's; with one line that
   *     names it, and nothing of what it holds
   */
  public void check(Vertx vertx) {
    TlsFiles.read(this, vertx);
  }

  /** What is asked of clients. */
  public enum ClientCertificates {
    /** Who shows one is known by it; others need a key. */
    ALLOWED,
    /** Who shows none is not spoken to. */
    REQUIRED
  }
}
