package dev.forebay.balancing.successrate;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.HealthPolicy;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;
import java.time.Duration;

/**
 * Rests an endpoint whose success rate is well below that of the rest of its pool, after Envoy's
 * outlier detection by success rate. Where everybody fails, nobody is an outlier, however few the
 * requests are.
 */
public final class SuccessRate implements Provider<HealthPolicy, SuccessRate.Options> {

  private static final long WINDOW_SECONDS = 30;
  private static final int MIN_REQUESTS = 10;
  private static final double MARGIN = 0.3;
  private static final long BASE_SECONDS = 30;
  private static final long MAX_SECONDS = 120; // as that of the stage, which would cap it

  /**
   * Options.
   *
   * @param window in which requests are counted
   * @param minRequests requests of an endpoint within the window before it is judged
   * @param margin how far below the others' success rate it may be, as a share of all requests;
   *     requests that the others lack to {@code minRequests} count as failed
   * @param baseCooldown the first pause; one more of it with each that follows soon
   * @param maxCooldown the longest pause; not below the first
   */
  @Doc("Rests an endpoint whose success rate is well below that of the rest of its pool.")
  public record Options(
      @Doc("time in which requests are counted")
          @Default(WINDOW_SECONDS + "s")
          @Range(min = 0.01, max = 3600)
          Duration window,
      @Doc("requests of an endpoint within the window before it is judged")
          @Default("" + MIN_REQUESTS)
          @Range(min = 1, max = 1000)
          @Unit("requests")
          int minRequests,
      @Doc(
              "how far below the success rate of the others it may be; requests that they lack to"
                  + " min-requests count as failed. One that is alone is compared with 1")
          @Default("" + MARGIN)
          @Range(min = 0.01, max = 1)
          double margin,
      @Doc("the first pause; one more of it with each that follows within its time")
          @Default(BASE_SECONDS + "s")
          @Range(min = 0.001, max = 3600)
          Duration baseCooldown,
      @Doc("the longest pause, not below the first")
          @Default(MAX_SECONDS + "s")
          @Range(min = 0.001, max = 3600)
          Duration maxCooldown) {

    /** With another window, and requests in it before an endpoint is judged. */
    public Options window(Duration time, int requests) {
      return new Options(time, requests, margin, baseCooldown, maxCooldown);
    }

    /** The plugin with these options. */
    public Plugin<HealthPolicy> plugin() {
      return Plugin.of(new SuccessRate(), this);
    }
  }

  /** The defaults: 0.3 below the others, over 10 requests or more within 30 s. */
  public static Options defaults() {
    return new Options(
        Duration.ofSeconds(WINDOW_SECONDS),
        MIN_REQUESTS,
        MARGIN,
        Duration.ofSeconds(BASE_SECONDS),
        Duration.ofSeconds(MAX_SECONDS));
  }

  @Override
  public Class<HealthPolicy> kind() {
    return HealthPolicy.class;
  }

  @Override
  public String name() {
    return "success-rate";
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
    return new SuccessRatePolicy(options, context);
  }
}
