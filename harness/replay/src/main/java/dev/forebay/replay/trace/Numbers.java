package dev.forebay.replay.trace;

import java.math.BigDecimal;

/** Numbers as people read them. */
final class Numbers {
  private Numbers() {}

  /** Without an exponent or trailing zeros: 3, 0.25. */
  static String plain(double value) {
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    return exact.toPlainString();
  }
}
