package dev.forebay.balancing.successrate;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.HealthPolicy;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * Rests an endpoint whose success rate is well below that of the rest of its pool, after Envoy's
 * outlier detection by success rate. Where everybody fails, nobody is an outlier, however few the
 * requests are. A 503 before any content counts as nothing while the endpoint works on other
 * requests and has answered one within two seconds: it is full, not sick.
 *
 * @param window in which requests are counted
 * @param minRequests requests of an endpoint within the window before it is judged
 * @param margin how far below the others' success rate it may be, as a share of all requests;
 *     requests that the others lack to {@code minRequests} count as failed
 * @param baseCooldown the first pause; one more of it with each that follows soon
 * @param maxCooldown the longest pause; not below the first. By default it is that of the stage,
 *     which bounds it
 */
@RecordBuilder
@Doc("Rests an endpoint whose success rate is well below that of the rest of its pool.")
public record SuccessRate(
    @Doc("time in which requests are counted") @Default("30s") @Range(min = 0.01, max = 3600)
        Duration window,
    @Doc("requests of an endpoint within the window before it is judged")
        @Default("10")
        @Range(min = 1, max = 1000)
        @Unit("requests")
        int minRequests,
    @Doc(
            "how far below the success rate of the others it may be; requests that they lack to"
                + " min-requests count as failed. One that is alone is compared with 1")
        @Default("0.3")
        @Range(min = 0.01, max = 1)
        double margin,
    @Doc("the first pause; one more of it with each that follows within its time")
        @Default("30s")
        @Range(min = 0.001, max = 3600)
        Duration baseCooldown,
    @Doc("the longest pause, not below the first") @Default("120s") @Range(min = 0.001, max = 3600)
        Duration maxCooldown)
    implements Plugin<HealthPolicy>, SuccessRateBuilder.With {

  /** The defaults: 0.3 below the others, over 10 requests or more within 30 s. */
  public static SuccessRate defaults() {
    return Options.defaults(SuccessRate.class);
  }

  @Override
  public HealthPolicy create(PluginContext context) {
    if (maxCooldown.compareTo(baseCooldown) < 0) {
      throw new IllegalArgumentException(
          "maxCooldown: %s (expected: >= baseCooldown, %s)".formatted(maxCooldown, baseCooldown));
    }
    return new SuccessRatePolicy(this, context);
  }
}
