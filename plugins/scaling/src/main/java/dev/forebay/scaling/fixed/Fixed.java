package dev.forebay.scaling.fixed;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingPolicy.Decision;

/**
 * A number of members that nothing changes: what other policies are compared with.
 *
 * @param replicas how many
 */
@Doc("A number of members that nothing changes.")
public record Fixed(
    @Doc("How many members.") @Range(min = 0, max = 100_000) @Unit("members") int replicas)
    implements Plugin<ScalingPolicy> {

  @Override
  public ScalingPolicy create(PluginContext context) {
    return load ->
        new Decision(Math.clamp(replicas, load.least(), load.most()), "fixed", "within the bounds");
  }
}
