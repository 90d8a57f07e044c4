package dev.forebay.spi.ledger;

import java.util.List;

/**
 * An API key that was issued while gateways run.
 *
 * @param id how logs and policies name it: 1 to 64 letters, digits, {@code .}, {@code _}, {@code -}
 * @param sha256 its SHA-256, in 64 hexadecimal digits; the key itself is kept nowhere
 * @param tenant whom it belongs to, 1 to 64 characters, without blanks at its ends
 * @param priority the most urgent priority that it allows, 0 to 7
 * @param models models that it may use; empty for all
 */
public record IssuedKey(
    String id, String sha256, String tenant, int priority, List<String> models) {

  private static final int MOST_MODELS = 100;

  /** Checks. */
  public IssuedKey {
    models = List.copyOf(models);
    if (!id.matches("[\\w.-]{1,64}")) {
      throw new IllegalArgumentException(
          "id: " + id + " (expected: 1 to 64 letters, digits, ., _ and -)");
    }
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("sha256: (expected: 64 hexadecimal digits)");
    }
    if (tenant.isBlank() || tenant.length() > 64 || !tenant.equals(tenant.strip())) {
      throw new IllegalArgumentException(
          "tenant: " + tenant + " (expected: 1 to 64 characters, no blanks at its ends)");
    }
    if (priority < 0 || priority > 7) {
      throw new IllegalArgumentException("priority: " + priority + " (expected: 0 to 7)");
    }
    boolean sound = models.stream().allMatch(each -> each.matches("[^\\s,]{1,128}"));
    if (models.size() > MOST_MODELS || !sound) {
      throw new IllegalArgumentException(
          "models: " + models + " (expected: at most 100, without blanks and commas)");
    }
  }

  /** Without the hash. */
  @Override
  public String toString() {
    return "IssuedKey[id=" + id + ", tenant=" + tenant + "]";
  }
}
