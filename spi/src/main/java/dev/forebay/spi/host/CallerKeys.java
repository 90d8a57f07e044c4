package dev.forebay.spi.host;

import dev.forebay.spi.ledger.IssuedKey;
import org.jspecify.annotations.Nullable;

/**
 * Keys that come and go while a gateway runs, beside those of its document. From any thread; must
 * be quick, and must not block.
 */
@FunctionalInterface
public interface CallerKeys {

  /** Takes the keys of a section, while it is created. Lent by {@code context.resource}. */
  @FunctionalInterface
  interface Place {
    /**
     * Adds keys, for good. From then on the gateway is not open to callers without a key.
     *
     * @throws IllegalStateException if the gateway listens already
     */
    void add(CallerKeys keys);
  }

  /**
   * The key that a caller shows.
   *
   * @param sha256 of what the caller shows, in hexadecimal
   * @return null if it is not known
   */
  @Nullable IssuedKey find(String sha256);

  /**
   * Whether all keys have been read. Until then, a key that is not found may be one all the same,
   * and its caller is asked to come again (503) instead of being told that it is wrong (401).
   */
  default boolean allRead() {
    return true;
  }
}
