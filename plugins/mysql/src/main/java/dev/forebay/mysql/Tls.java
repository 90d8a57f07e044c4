package dev.forebay.mysql;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * How the servers of a ledger are trusted over TLS, and what they are shown.
 *
 * @param trust PEM file of certificates to trust in the place of the JDK's; null for the JDK's
 * @param certificate PEM file of the client certificate and its chain; null for none
 * @param certificateKey PEM file of its private key (PKCS 8)
 * @param verifyHost whether the certificate must name the host of the address
 */
@Doc("How servers are trusted over TLS, and what they are shown.")
public record Tls(
    @Doc("PEM file of the certificates to trust in the place of the JDK's.") @FileName
        @Nullable String trust,
    @Doc("PEM file of the client certificate and its chain.") @FileName
        @Nullable String certificate,
    @Doc("PEM file of the private key of the client certificate.") @FileName
        @Nullable String certificateKey,
    @Doc("Whether the certificate of a server must name its host.") @Default("true")
        boolean verifyHost) {

  /** Checks that files come in pairs. */
  public Tls {
    if ((certificate == null) != (certificateKey == null)) {
      throw new IllegalArgumentException(
          "certificate: one of two (expected: certificate and certificate-key, or none of them)");
    }
  }

  /** As the client has it. */
  ClientSSLOptions options() {
    ClientSSLOptions options = new ClientSSLOptions();
    options.setTrustOptions(trust == null ? ofTheJdk() : new PemTrustOptions().addCertPath(trust));
    options.setHostnameVerificationAlgorithm(verifyHost ? "HTTPS" : "");
    if (certificate != null && certificateKey != null) {
      options.setKeyCertOptions(
          new PemKeyCertOptions().setCertPath(certificate).setKeyPath(certificateKey));
    }
    return options;
  }

  private static TrustOptions ofTheJdk() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      return TrustOptions.wrap(factory.getTrustManagers()[0]);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK's certificates cannot be read", e);
    }
  }
}
