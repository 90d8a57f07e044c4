package dev.forebay.openai;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Secret;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How an upstream that is spoken to by https is trusted, and what it is shown. Files are looked for
 * when the options are read.
 *
 * @param trust certificates to trust in the place of the JDK's: PEM, or PKCS 12 where the name ends
 *     with .p12 or .pfx, or JKS where it ends with .jks; null for the JDK's
 * @param trustPassword password of {@code trust}, where it is no PEM
 * @param certificate PEM of the client certificate and its chain; null for none
 * @param certificateKey PEM of its private key (PKCS 8)
 * @param verifyHost whether the certificate must name the host
 */
@RecordBuilder
@Doc("How upstreams are trusted over TLS, and what they are shown.")
public record Tls(
    @Doc(
            "File of certificates to trust in the place of the JDK's: PEM, .p12, .pfx or .jks by"
                + " its name.")
        @FileName
        @Nullable String trust,
    @Doc("Password of trust, where it is no PEM.") @Secret @Nullable String trustPassword,
    @Doc("PEM file of the client certificate and its chain (mTLS).") @FileName
        @Nullable String certificate,
    @Doc("PEM file of the private key of the client certificate.") @FileName
        @Nullable String certificateKey,
    @Doc("Whether the certificate of the upstream must name its host.") @Default("true")
        boolean verifyHost)
    implements TlsBuilder.With {

  /** The JDK's certificates, no client certificate, host names verified. */
  public static final Tls DEFAULT = Options.defaults(Tls.class);

  /** Checks that files come in pairs. */
  public Tls {
    if ((certificate == null) != (certificateKey == null)) {
      throw new IllegalArgumentException(
          "certificate: one of two (expected: certificate and certificate-key, or none of them)");
    }
  }

  /** This with certificates to trust in the place of the JDK's. */
  public Tls trusting(Path file, @Nullable String password) {
    return password == null
        ? withTrust(file.toString())
        : with(tls -> tls.trust(file.toString()).trustPassword(password));
  }

  /** This with a client certificate. */
  public Tls showing(Path chain, Path key) {
    return with(tls -> tls.certificate(chain.toString()).certificateKey(key.toString()));
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "Tls[trust " + trust + ", certificate " + certificate + "]";
  }
}
