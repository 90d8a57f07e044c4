package dev.forebay.limiting.rate;

import dev.forebay.spi.policy.RateLimiter.Quantity;
import java.math.BigDecimal;

/** Options of a limit that has a name. */
public interface Limit {

  /** Characters of a name. */
  int MAX_NAME = 64;

  /** The limit's name in refusals and headers: lower case, digits, hyphens. */
  String name();

  /**
   * The setup of a limiter.
   *
   * @throws IllegalArgumentException if the name is none
   */
  static KeyedLimiter.Setup setup(
      Limit limit, Quantity of, Keys keys, int maxKeys, long maxWaitNanos) {
    if (limit.name().length() > MAX_NAME || !limit.name().matches("[a-z0-9]+(-[a-z0-9]+)*")) {
      throw new IllegalArgumentException(
          "name: "
              + limit.name()
              + " (expected: lower case, digits, words joined by hyphens, 64 characters at most)");
    }
    return new KeyedLimiter.Setup(limit.name(), of, keys, maxKeys, maxWaitNanos);
  }

  /** A number without a trailing {@code .0}. */
  static String shown(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
