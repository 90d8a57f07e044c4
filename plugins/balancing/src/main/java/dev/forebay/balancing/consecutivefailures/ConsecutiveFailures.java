package dev.forebay.balancing.consecutivefailures;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.HealthPolicy;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import java.time.Duration;

/**
 * Rests an endpoint after failures in a row, for longer each time: Envoy's outlier detection
 * ({@code consecutive_5xx}, 5) with the growing pauses of Finagle's failure accrual.
 */
public final class ConsecutiveFailures
    implements Provider<HealthPolicy, ConsecutiveFailures.Options> {

  private static final int FAILURES = 5;
  private static final long BASE_SECONDS = 5;
  private static final long MAX_SECONDS = 60;
  private static final long FORGET_MINUTES = 10;

  /**
   * Options.
   *
   * @param failures unhealthy outcomes in a row, at least 1
   * @param baseCooldown the first pause; it doubles with each one that follows
   * @param maxCooldown the longest pause; not below the first
   * @param forgetAfter time without a failure after which earlier ones, and the doubling, are
   *     forgotten
   */
  @Doc("Rests an endpoint after failures in a row; the pause doubles until an answer succeeds.")
  public record Options(
      @Doc("unhealthy outcomes in a row that rest an endpoint")
          @Default("" + FAILURES)
          @Range(min = 1, max = 1000)
          int failures,
      @Doc("the first pause; it doubles with each one that follows")
          @Default(BASE_SECONDS + "s")
          @Range(min = 0.001, max = 3600)
          Duration baseCooldown,
      @Doc("the longest pause, not below the first")
          @Default(MAX_SECONDS + "s")
          @Range(min = 0.001, max = 86400)
          Duration maxCooldown,
      @Doc("time without a failure after which earlier ones, and the doubling, are forgotten")
          @Default(FORGET_MINUTES + "m")
          @Range(min = 0.001, max = 86400)
          Duration forgetAfter) {

    /** With another number of failures. */
    public Options failures(int inARow) {
      return new Options(inARow, baseCooldown, maxCooldown, forgetAfter);
    }

    /** With other pauses. */
    public Options cooldown(Duration base, Duration max) {
      return new Options(failures, base, max, forgetAfter);
    }

    /** With another time after which failures are forgotten. */
    public Options forgetAfter(Duration quiet) {
      return new Options(failures, baseCooldown, maxCooldown, quiet);
    }

    /** The plugin with these options. */
    public Plugin<HealthPolicy> plugin() {
      return Plugin.of(new ConsecutiveFailures(), this);
    }
  }

  /** The defaults: 5 in a row, then 5 s, doubling up to 60 s. */
  public static Options defaults() {
    return new Options(
        FAILURES,
        Duration.ofSeconds(BASE_SECONDS),
        Duration.ofSeconds(MAX_SECONDS),
        Duration.ofMinutes(FORGET_MINUTES));
  }

  @Override
  public Class<HealthPolicy> kind() {
    return HealthPolicy.class;
  }

  @Override
  public String name() {
    return "consecutive-failures";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public HealthPolicy create(Options options, PluginContext context) {
    if (options.maxCooldown().compareTo(options.baseCooldown()) < 0) {
      throw new IllegalArgumentException(
          "maxCooldown: %s (expected: >= baseCooldown, %s)"
              .formatted(options.maxCooldown(), options.baseCooldown()));
    }
    return new ConsecutiveFailuresPolicy(options, context);
  }
}
