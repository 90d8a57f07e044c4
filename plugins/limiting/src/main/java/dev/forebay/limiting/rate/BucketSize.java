package dev.forebay.limiting.rate;

import dev.forebay.spi.policy.RateLimiter.Quantity;
import java.time.Duration;

/**
 * Rate and burst of a bucket.
 *
 * @param rate how fast it fills
 * @param most what it holds, in units
 */
public record BucketSize(Ratio rate, long most) {

  private static final long THOUSANDTHS = 1_000;

  /** A share of rate and burst; at least one unit of burst. */
  public BucketSize share(double share) {
    long slower = Math.round(rate.nanos() / share);
    return new BucketSize(new Ratio(rate.units(), slower), Shareable.partOf(most, share));
  }

  /**
   * The size of a bucket by its options.
   *
   * @param rate in requests, tokens or US dollars per interval, to three decimals
   * @param burst what it holds, in requests, tokens or US dollars
   * @throws IllegalArgumentException if the rate has more decimals, or is 0 or less
   */
  public static BucketSize of(Quantity of, double rate, Duration interval, double burst) {
    double thousandths = rate * THOUSANDTHS;
    long whole = Math.round(thousandths);
    if (whole < 1 || Math.abs(thousandths - whole) > 1e-6 * whole) {
      throw new IllegalArgumentException(
          "rate: " + rate + " (expected: a multiple of 0.001 " + Units.name(of) + ", above 0)");
    }
    Ratio ratio =
        of == Quantity.MONEY
            ? new Ratio(Math.multiplyExact(whole, Units.DOLLAR / THOUSANDTHS), interval.toNanos())
            : new Ratio(whole, Math.multiplyExact(interval.toNanos(), THOUSANDTHS));
    return new BucketSize(ratio, Units.of(of, burst));
  }
}
