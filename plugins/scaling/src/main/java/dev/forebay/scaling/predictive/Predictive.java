package dev.forebay.scaling.predictive;

import dev.forebay.scaling.rules.Direction;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ScalingPolicy;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * Members by the demand that is expected when a member that is ordered now serves: from the trend
 * of the last minutes, and from the same time a cycle ago.
 *
 * @param ahead how far it looks: the start of a member, and the interval of decisions
 * @param trend time of which the trend is made; 0 for none
 * @param cycle after which the load is alike, such as a day; 0 for none
 * @param drain time within which what waits is to be served
 * @param utilisation the share of each member's throughput that is to be used
 * @param requestsPerSecond what a busy member finishes; 0 to learn it
 * @param up how the number of replicas may grow
 * @param down how it may shrink
 */
@RecordBuilder
@Doc(
    "Members by the demand that is expected when a member that is ordered now serves: by the trend"
        + " of the last minutes, and by the same time a day ago.")
public record Predictive(
    @Doc("How far it looks: the start of a member, and the interval of decisions.")
        @Default("60s")
        @Range(min = 0, max = 3600)
        Duration ahead,
    @Doc("Time of which the trend is made; 0: none.") @Default("10m") @Range(min = 0, max = 3600)
        Duration trend,
    @Doc("After which the load is alike; 0: never.") @Default("24h") @Range(min = 0, max = 1e6)
        Duration cycle,
    @Doc("Time within which what waits is to be served.")
        @Default("10s")
        @Range(min = 0.1, max = 3600)
        Duration drain,
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
    implements Plugin<ScalingPolicy>, PredictiveBuilder.With {

  /** The trend of 10 minutes and the cycle of a day, 60 s ahead. */
  public static Predictive defaults() {
    return Options.defaults(Predictive.class);
  }

  @Override
  public ScalingPolicy create(PluginContext context) {
    return new PredictivePolicy(this);
  }
}
