package dev.forebay.edge.identity;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * An API key that callers may present, or a client certificate, and what it allows.
 *
 * @param id how logs and policies name the key
 * @param key the key itself; null where it is given in another form
 * @param sha256 its SHA-256 in 64 hexadecimal digits; null where it is given in another form
 * @param tenant whom it belongs to
 * @param priority the most urgent priority that it allows, and the one that its requests have
 * @param models models that it may use; empty for all
 * @param hash its hash, as {@link KeyHash} writes it; null where it is given in another form
 * @param subject the subject of a client certificate that counts as this key, such as {@code
 *     CN=alice,O=Example}; null where it is given in another form
 */
@RecordBuilder
@Doc("An API key that callers may present, or a client certificate.")
public record KeyOptions(
    @Doc("How logs and policies name the key.") String id,
    @Doc("The key itself; or give hash.") @Secret @Nullable String key,
    @Doc("SHA-256 of the key, in hexadecimal; or give hash.") @Secret @Nullable String sha256,
    @Doc("Whom the key belongs to.") @Default("default") String tenant,
    @Doc("The most urgent priority that the key allows: a name, or 0 to 7.") @Default("standard")
        String priority,
    @Doc("Models that the key may use; empty for all.") @Default("[]") List<String> models,
    @Doc("What forebay hash-key prints for the key.") @Secret @Nullable String hash,
    @Doc("Instead of a key: the subject of a client certificate, such as CN=alice,O=Example.")
        @Nullable String subject)
    implements KeyOptionsBuilder.With {

  /** Checks that the key is given in exactly one form. */
  public KeyOptions {
    models = List.copyOf(models);
    long forms = Stream.of(key, sha256, hash, subject).filter(Objects::nonNull).count();
    if (forms != 1) {
      throw new IllegalArgumentException(
          "id: " + id + " (expected: with exactly one of key, sha256, hash and subject)");
    }
    if (key != null && key.isBlank()) {
      throw new IllegalArgumentException("key: blank (expected: a key that is not blank)");
    }
    if (sha256 != null && !sha256.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException("sha256: *** (expected: 64 hex digits)");
    }
    if (hash != null) {
      KeyHash.parse(hash);
    }
    if (subject != null) {
      principal(subject);
    }
  }

  /** A key of a tenant, at the standard priority, for all models. */
  public static KeyOptions of(String id, String key, String tenant) {
    return new KeyOptions(id, key, null, tenant, "standard", List.of(), null, null);
  }

  /** A client certificate of a tenant, at the standard priority, for all models. */
  public static KeyOptions ofSubject(String id, String subject, String tenant) {
    return new KeyOptions(id, null, null, tenant, "standard", List.of(), null, subject);
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return Redacted.text(this);
  }

  /** The usual form of a subject: equal for equal ones. */
  static String principal(String subject) {
    try {
      return new X500Principal(subject).getName(X500Principal.CANONICAL);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "subject: " + subject + " (expected: a distinguished name, such as CN=alice,O=Example)",
          e);
    }
  }
}
