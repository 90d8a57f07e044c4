package dev.forebay.edge.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway knows of an API key instead of the key.
 *
 * <p>Keys that are random, such as those of {@link #newKey()}, cannot be guessed from their {@code
 * sha256}. Keys that people made up can: {@code hmac-sha256} needs a secret besides, which is not
 * in the file. Slow password hashes were rejected, for every request would pay for one.
 */
public final class KeyHash {

  /** The least length of a secret, in bytes. */
  public static final int MIN_SECRET_BYTES = 16;

  private static final String PLAIN = "sha256:";
  private static final String KEYED = "hmac-sha256:";
  private static final int KEY_BYTES = 32;

  private final byte[] digest;
  private final boolean keyed;

  private KeyHash(byte[] digest, boolean keyed) {
    this.digest = digest;
    this.keyed = keyed;
  }

  /**
   * The hash of a key.
   *
   * @param secret of the gateway, at least 16 bytes; null for a hash without one
   * @throws IllegalArgumentException where the secret is too short
   */
  public static KeyHash of(String key, @Nullable String secret) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    return secret == null
        ? new KeyHash(sha256(bytes), false)
        : new KeyHash(hmac(secret(secret), bytes), true);
  }

  /**
   * Reads what {@link #toString()} writes.
   *
   * @throws IllegalArgumentException where it is something else; the message does not repeat it
   */
  public static KeyHash parse(String text) {
    boolean keyed = text.startsWith(KEYED);
    String hex = keyed ? text.substring(KEYED.length()) : withoutPlain(text);
    if (!hex.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException(
          "hash: *** (expected: sha256: or hmac-sha256: and 64 hex digits; forebay hash-key makes"
              + " one)");
    }
    return new KeyHash(HexFormat.of().parseHex(hex), keyed);
  }

  /** A new key that cannot be guessed: 256 random bits. */
  public static String newKey() {
    byte[] bytes = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(bytes);
    return "sk-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Whether it was made with a secret. */
  public boolean keyed() {
    return keyed;
  }

  /** What configurations hold: {@code sha256:} or {@code hmac-sha256:}, and 64 hex digits. */
  @Override
  public String toString() {
    return (keyed ? KEYED : PLAIN) + HexFormat.of().formatHex(digest);
  }

  /** The bytes, not copied. */
  byte[] digest() {
    return digest;
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static byte[] hmac(byte[] secret, byte[] bytes) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
    }
  }

  /**
   * The bytes of a secret.
   *
   * @throws IllegalArgumentException where it is too short
   */
  static byte[] secret(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < MIN_SECRET_BYTES) {
      throw new IllegalArgumentException(
          "keyHashSecret: too short (expected: at least " + MIN_SECRET_BYTES + " bytes)");
    }
    return bytes;
  }

  private static String withoutPlain(String text) {
    return text.startsWith(PLAIN) ? text.substring(PLAIN.length()) : "";
  }
}
