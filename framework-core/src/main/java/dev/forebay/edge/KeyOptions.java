package dev.forebay.edge;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API key that callers may present, and what it allows.
 *
 * @param id how logs and policies name the key
 * @param key the key itself; null where {@code sha256} is given
 * @param sha256 its SHA-256 in 64 hexadecimal digits; null where {@code key} is given
 * @param tenant whom it belongs to
 * @param priority the most urgent priority that it allows, and the one that its requests have
 * @param models models that it may use; empty for all
 */
@Doc("An API key that callers may present.")
public record KeyOptions(
    @Doc("How logs and policies name the key.") String id,
    @Doc("The key itself; or give sha256.") @Secret @Nullable String key,
    @Doc("SHA-256 of the key, in hexadecimal; or give key.") @Secret @Nullable String sha256,
    @Doc("Whom the key belongs to.") @Default("default") String tenant,
    @Doc("The most urgent priority that the key allows: a name, or 0 to 7.") @Default("standard")
        String priority,
    @Doc("Models that the key may use; empty for all.") @Default("[]") List<String> models) {

  /** Checks that the key is given in exactly one form. */
  public KeyOptions {
    models = List.copyOf(models);
    if ((key == null) == (sha256 == null)) {
      throw new IllegalArgumentException("key " + id + ": expected either key or sha256");
    }
    if (key != null && key.isBlank()) {
      throw new IllegalArgumentException("key " + id + ": key is blank");
    }
    if (sha256 != null && !sha256.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException("key " + id + ": sha256 (expected: 64 hex digits)");
    }
  }

  /** A key of a tenant, at the standard priority, for all models. */
  public static KeyOptions of(String id, String key, String tenant) {
    return new KeyOptions(id, key, null, tenant, "standard", List.of());
  }

  /** This key with another priority. */
  public KeyOptions withPriority(String other) {
    return new KeyOptions(id, key, sha256, tenant, other, models);
  }

  /** This key for some models only. */
  public KeyOptions withModels(List<String> some) {
    return new KeyOptions(id, key, sha256, tenant, priority, some);
  }

  @Override
  public String toString() {
    return "KeyOptions[" + id + ", tenant=" + tenant + "]";
  }
}
