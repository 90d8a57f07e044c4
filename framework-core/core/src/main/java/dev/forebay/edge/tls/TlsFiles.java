package dev.forebay.edge.tls;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * What the files of {@link TlsOptions} held when they were read: whole, and such that the key is
 * that of the certificate. Reading blocks.
 */
public final class TlsFiles {

  private static final long MAX_BYTES = 1 << 20;
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

  private final TlsOptions options;
  private final Buffer certificate;
  private final Buffer key;
  private final @Nullable Buffer clientCa;

  private TlsFiles(TlsOptions options, Buffer certificate, Buffer key, @Nullable Buffer clientCa) {
    this.options = options;
    this.certificate = certificate;
    this.key = key;
    this.clientCa = clientCa;
  }

  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException where one is missing or no PEM, or the key is another's; with
   *     one line that names it, and nothing of what it holds
   */
  public static TlsFiles read(TlsOptions options, Vertx vertx) {
    String ca = options.clientCa();
    TlsFiles files =
        new TlsFiles(
            options,
            bytes("certificate", options.certificate()),
            bytes("key", options.key()),
            ca == null ? null : bytes("client-ca", ca));
    files.check(vertx);
    return files;
  }

  /**
   * Reads them again when they have changed, for a server that uses these: from now on, on the
   * caller's context, until the deployment that asked is gone.
   */
  public void watch(Vertx vertx, HttpServer server) {
    TlsReload.start(vertx, server, this);
  }

  TlsOptions options() {
    return options;
  }

  boolean sameAs(@Nullable TlsFiles other) {
    return other != null
        && certificate.equals(other.certificate)
        && key.equals(other.key)
        && (clientCa == null ? other.clientCa == null : clientCa.equals(other.clientCa));
  }

  /** Switches TLS on. HTTP/1.1 only: the edge closes connections to get rid of a slow caller. */
  public HttpServerOptions applyTo(HttpServerOptions server) {
    server.setSsl(true).setUseAlpn(false).setKeyCertOptions(pair());
    server.setEnabledSecureTransportProtocols(PROTOCOLS);
    Buffer ca = clientCa;
    if (ca != null) {
      server.setTrustOptions(new PemTrustOptions().addCertValue(ca)).setClientAuth(clientAuth());
    }
    return server;
  }

  /** The same for a server that listens already. */
  ServerSSLOptions serverOptions() {
    ServerSSLOptions ssl = new ServerSSLOptions();
    ssl.setKeyCertOptions(pair()).setUseAlpn(false);
    ssl.setEnabledSecureTransportProtocols(PROTOCOLS);
    Buffer ca = clientCa;
    if (ca != null) {
      ssl.setTrustOptions(new PemTrustOptions().addCertValue(ca)).setClientAuth(clientAuth());
    }
    return ssl;
  }

  private ClientAuth clientAuth() {
    return options.clientCertificates() == TlsOptions.ClientCertificates.REQUIRED
        ? ClientAuth.REQUIRED
        : ClientAuth.REQUEST;
  }

  private PemKeyCertOptions pair() {
    return new PemKeyCertOptions().setCertValue(certificate).setKeyValue(key);
  }

  private void check(Vertx vertx) {
    try {
      X509KeyManager manager =
          Arrays.stream(pair().getKeyManagerFactory(vertx).getKeyManagers())
              .filter(X509KeyManager.class::isInstance)
              .map(X509KeyManager.class::cast)
              .findFirst()
              .orElseThrow();
      String alias = alias(manager);
      PrivateKey own = alias == null ? null : manager.getPrivateKey(alias);
      X509Certificate[] chain = alias == null ? null : manager.getCertificateChain(alias);
      if (own == null || chain == null || !isPair(own, chain[0].getPublicKey())) {
        throw wrong("key", options.key(), "the private key of the certificate");
      }
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (Exception e) { // whatever its parser throws: the files are at fault
      throw wrong("certificate", options.certificate(), "PEM files of a certificate and its key");
    }
    Buffer ca = clientCa;
    if (ca != null) {
      try {
        new PemTrustOptions().addCertValue(ca).getTrustManagerFactory(vertx);
      } catch (Exception e) { // as above
        throw wrong("client-ca", String.valueOf(options.clientCa()), "a PEM file of certificates");
      }
    }
  }

  private static @Nullable String alias(X509KeyManager manager) {
    for (String type : List.of("RSA", "EC", "EdDSA", "DSA")) {
      String[] aliases = manager.getServerAliases(type, null);
      if (aliases != null && aliases.length > 0) {
        return aliases[0];
      }
    }
    return null;
  }

  private static boolean isPair(PrivateKey own, PublicKey shown) throws GeneralSecurityException {
    String algorithm =
        switch (own.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> own.getAlgorithm();
        };
    byte[] words = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(own);
    signature.update(words);
    byte[] signed = signature.sign();
    if (!shown.getAlgorithm().equals(own.getAlgorithm())) {
      return false;
    }
    signature.initVerify(shown);
    signature.update(words);
    return signature.verify(signed);
  }

  private static Buffer bytes(String option, String file) {
    try {
      Path path = Path.of(file);
      if (Files.size(path) > MAX_BYTES) {
        throw wrong(option, file, "a PEM file of at most 1 MiB");
      }
      return Buffer.buffer(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      throw wrong(option, file, "a file that is there");
    } catch (IOException e) {
      throw wrong(option, file, "a file that can be read");
    }
  }

  private static IllegalArgumentException wrong(String option, String file, String expected) {
    return new IllegalArgumentException(
        "http.tls." + option + ": " + file + " (expected: " + expected + ")");
  }
}
