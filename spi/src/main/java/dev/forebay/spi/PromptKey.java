package dev.forebay.spi;

import java.util.HexFormat;

/**
 * The identity of a prompt with everything that changes its answer, scoped to a tenant: 128 bits,
 * keyed, so that it tells nothing about the prompt.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record PromptKey(long high, long low) {

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
