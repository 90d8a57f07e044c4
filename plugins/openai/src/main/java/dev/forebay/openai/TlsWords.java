package dev.forebay.openai;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import org.jspecify.annotations.Nullable;

/** Says in words why there is no TLS connection to an upstream. */
final class TlsWords {

  private static final int MOST_CAUSES = 10;
  private static final int LONGEST = 100;

  private TlsWords() {}

  /** The words for an exception of a handshake: those of its last cause that has some. */
  static String of(Throwable thrown) {
    String words = null;
    String last = thrown.getClass().getSimpleName();
    Throwable cause = thrown;
    for (int i = 0; cause != null && i < MOST_CAUSES; i++, cause = cause.getCause()) {
      String message = cause.getMessage() == null ? "" : cause.getMessage();
      String known = known(cause, message);
      words = known == null ? words : known;
      last = message.isEmpty() ? last : message;
    }
    if (words != null) {
      return words;
    }
    return last.length() > LONGEST ? last.substring(0, LONGEST) + "..." : last;
  }

  private static @Nullable String known(Throwable cause, String message) {
    if (cause instanceof CertificateExpiredException) {
      return "its certificate has expired";
    }
    if (cause instanceof CertificateNotYetValidException) {
      return "its certificate is not valid yet";
    }
    if (message.startsWith("No subject alternative") || message.startsWith("No name matching")) {
      return "its certificate is of another host";
    }
    boolean path =
        cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException;
    return path ? "its certificate is not trusted" : null;
  }
}
