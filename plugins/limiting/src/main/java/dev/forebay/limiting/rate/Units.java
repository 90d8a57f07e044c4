package dev.forebay.limiting.rate;

import dev.forebay.spi.policy.RateLimiter.Quantity;

/** Whole units of what is counted: requests, tokens, billionths of a US dollar. */
public final class Units {

  /** Units of a US dollar. */
  public static final long DOLLAR = 1_000_000_000;

  private static final double MOST = 1e18;

  private Units() {}

  /**
   * The units of a number of requests, tokens or US dollars.
   *
   * @throws IllegalArgumentException if it is less than a unit, or more than 10^18
   */
  public static long of(Quantity quantity, double amount) {
    double units = quantity == Quantity.MONEY ? amount * DOLLAR : amount;
    if (!(units >= 1 && units <= MOST)) {
      throw new IllegalArgumentException(
          "limit: "
              + amount
              + " (expected: at least 1 of the "
              + name(quantity)
              + ", not endless)");
    }
    return Math.round(units);
  }

  /** What is counted, for messages. */
  public static String name(Quantity quantity) {
    return switch (quantity) {
      case REQUESTS -> "requests";
      case TOKENS -> "tokens";
      case MONEY -> "US dollars";
    };
  }
}
