package dev.forebay.balancing.consecutivefailures;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.HealthPolicy;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * Rests an endpoint after failures in a row, for longer each time: Envoy's outlier detection
 * ({@code consecutive_5xx}, 5) with the growing pauses of Finagle's failure accrual. A 503 before
 * any content does not count while the endpoint works on other requests and has answered one within
 * two seconds: it is full, not sick.
 *
 * @param failures unhealthy outcomes in a row, at least 1
 * @param baseCooldown the first pause; it doubles with each one that follows
 * @param maxCooldown the longest pause; not below the first
 * @param forgetAfter time without a failure after which earlier ones, and the doubling, are
 *     forgotten
 */
@RecordBuilder
@Doc("Rests an endpoint after failures in a row; the pause doubles until an answer succeeds.")
public record ConsecutiveFailures(
    @Doc("unhealthy outcomes in a row that rest an endpoint")
        @Default("5")
        @Range(min = 1, max = 1000)
        int failures,
    @Doc("the first pause; it doubles with each one that follows")
        @Default("5s")
        @Range(min = 0.001, max = 3600)
        Duration baseCooldown,
    @Doc("the longest pause, not below the first") @Default("60s") @Range(min = 0.001, max = 86400)
        Duration maxCooldown,
    @Doc("time without a failure after which earlier ones, and the doubling, are forgotten")
        @Default("10m")
        @Range(min = 0.001, max = 86400)
        Duration forgetAfter)
    implements Plugin<HealthPolicy>, ConsecutiveFailuresBuilder.With {

  /** The defaults: 5 in a row, then 5 s, doubling up to 60 s. */
  public static ConsecutiveFailures defaults() {
    return Options.defaults(ConsecutiveFailures.class);
  }

  @Override
  public HealthPolicy create(PluginContext context) {
    if (maxCooldown.compareTo(baseCooldown) < 0) {
      throw new IllegalArgumentException(
          "maxCooldown: %s (expected: >= baseCooldown, %s)".formatted(maxCooldown, baseCooldown));
    }
    return new ConsecutiveFailuresPolicy(this, context);
  }
}
