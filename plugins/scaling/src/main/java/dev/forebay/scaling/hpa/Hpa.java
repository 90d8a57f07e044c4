package dev.forebay.scaling.hpa;

import dev.forebay.scaling.rules.Direction;
import dev.forebay.scaling.rules.Metric;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NotEmpty;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.ScalingPolicy;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;

/**
 * The algorithm of Kubernetes' HorizontalPodAutoscaler (autoscaling/v2).
 *
 * @param metrics with their targets; the highest proposal wins
 * @param up how the number of replicas may grow
 * @param down how it may shrink
 * @param staleAfter the age at which a member's figure counts as missing
 */
@RecordBuilder
@Doc(
    "The algorithm of Kubernetes' HorizontalPodAutoscaler. The default targets are 70 % of the CPU,"
        + " 85 % of the memory and 500 requests/s for each member.")
public record Hpa(
    @Doc("Metrics with their targets; the highest proposal wins.")
        @Default(
            "[{ metric: cpu, average: 0.7 }, { metric: memory, average: 0.85 },"
                + " { metric: requests-per-second, average: 500 }]")
        @NotEmpty
        List<Target> metrics,
    @Doc("How the number of replicas may grow.")
        @Default(
            "{ tolerance: 0.1, window: 0s, changes: [{ by: percent, value: 100, period: 15s },"
                + " { by: members, value: 4, period: 15s }], select: max }")
        Direction up,
    @Doc("How it may shrink.")
        @Default(
            "{ tolerance: 0.1, window: 300s, changes: [{ by: percent, value: 100, period: 15s }],"
                + " select: max }")
        Direction down,
    @Doc("The age at which a member's figure counts as missing.")
        @Default("60s")
        @Range(min = 1, max = 3600)
        Duration staleAfter)
    implements Plugin<ScalingPolicy>, HpaBuilder.With {

  /** Copies. */
  public Hpa {
    metrics = List.copyOf(metrics);
  }

  /**
   * A metric with its target.
   *
   * @param average what each member is to have: a share of its CPU or memory, or requests per
   *     second
   */
  @Doc("A metric with its target.")
  public record Target(
      @Doc("The metric: cpu, memory or requests-per-second.") Metric metric,
      @Doc("What each member is to have: a share of its CPU or memory, or requests per second.")
          @Range(min = 0, max = 1e9, exclusiveMin = true)
          double average) {

    /** The highest share that is a target: 70 for 70 % would never be reached. */
    private static final double MOST_SHARE = 10;

    /** Refuses what has a ceiling, and shares that are none of whole percent. */
    public Target {
      metric.require(Metric.CPU, Metric.MEMORY, Metric.REQUESTS_PER_SECOND);
      if (metric != Metric.REQUESTS_PER_SECOND && (average < 0.01 || average > MOST_SHARE)) {
        throw new IllegalArgumentException(
            "average: " + average + " (expected: a share from 0.01 to 10, such as 0.7 for 70 %)");
      }
    }
  }

  /** With the targets of the documents: CPU 70 %, memory 85 %, 500 requests/s. */
  public static Hpa defaults() {
    return Options.defaults(Hpa.class);
  }

  @Override
  public ScalingPolicy create(PluginContext context) {
    return new HpaPolicy(this);
  }
}
