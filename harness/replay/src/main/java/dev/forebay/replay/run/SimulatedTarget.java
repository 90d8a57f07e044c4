package dev.forebay.replay.run;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ScalingTarget;
import java.time.Duration;

/**
 * The target {@code simulated-fleet}: the simulated servers of a scenario, as many of them as the
 * autoscaler wants. The fleet of the scenario is the most that there can be.
 *
 * @param initial servers at the start of a run
 * @param start time from the order of a server until it is a member
 */
@Named("simulated-fleet")
@Doc("The simulated servers of a scenario, as many as the autoscaler wants; harness only.")
public record SimulatedTarget(
    @Doc("Servers at the start of a run.")
        @Default("3")
        @Range(min = 0, max = 1000)
        @Unit("servers")
        int initial,
    @Doc("Time from the order of a server until it is a member.")
        @Default("45s")
        @Range(min = 0, max = 3600)
        Duration start)
    implements Plugin<ScalingTarget> {

  @Override
  public ScalingTarget create(PluginContext context) {
    Fleet fleet =
        context
            .resource(Fleet.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "simulated-fleet: a gateway (expected: a replay)"));
    return fleet.elastic(new ElasticFleet(this, fleet, context.timeline()));
  }
}
