package dev.forebay.scaling.queue;

import dev.forebay.scaling.rules.Direction;
import dev.forebay.scaling.rules.Metric;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NotEmpty;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ScalingPolicy;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * Members by the demand: as many as the arrivals keep busy, and more while requests wait too long.
 *
 * @param signals figures without a ceiling, with their targets
 * @param utilisation the share of each member's throughput that is to be used
 * @param requestsPerSecond what a busy member finishes; 0 to learn it
 * @param up how the number of replicas may grow
 * @param down how it may shrink
 */
@RecordBuilder
@Doc("Members by the demand: as many as the arrivals keep busy, and more while requests wait.")
public record Queue(
    @Doc(
            "Figures without a ceiling, with their targets: wait and first-content in seconds,"
                + " waiting-tokens in tokens for each member.")
        @Default("[{ metric: wait, target: 1 }]")
        @NotEmpty
        List<Signal> signals,
    @Doc("The share of each member's throughput that is to be used.")
        @Default("0.7")
        @Range(min = 0.01, max = 1)
        double utilisation,
    @Doc("What a busy member finishes; 0: it is learned while requests wait, or from the CPU.")
        @Default("0")
        @Range(min = 0, max = 1e6)
        @Unit("requests/s")
        double requestsPerSecond,
    @Doc("How the number of replicas may grow.")
        @Default("{ tolerance: 0.1, window: 0s, changes: [], select: max }")
        Direction up,
    @Doc("How it may shrink.")
        @Default("{ tolerance: 0.1, window: 300s, changes: [], select: max }")
        Direction down)
    implements Plugin<ScalingPolicy>, QueueBuilder.With {

  /** Copies. */
  public Queue {
    signals = List.copyOf(signals);
  }

  /**
   * A figure with its target.
   *
   * @param target seconds, or tokens for each member
   */
  @Doc("A figure with its target.")
  public record Signal(
      @Doc("The figure: wait, waiting-tokens or first-content.") Metric metric,
      @Doc("Seconds, or tokens for each member.") @Range(min = 0, max = 1e9, exclusiveMin = true)
          double target) {

    /** Refuses what has a ceiling. */
    public Signal {
      metric.require(Metric.WAIT, Metric.WAITING_TOKENS, Metric.FIRST_CONTENT);
    }
  }

  /** By the waiting time, 1 s. */
  public static Queue defaults() {
    return Options.defaults(Queue.class);
  }

  @Override
  public ScalingPolicy create(PluginContext context) {
    return new QueuePolicy(this);
  }
}
