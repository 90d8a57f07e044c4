package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.ScalingPolicy;
import java.util.function.Function;

/** A member for each 70 requests per second. */
class ReferenceScaling implements ScalingPolicy {

  private static final double EACH = 70;

  static Plugin<ScalingPolicy> plugin(Function<PluginContext, ScalingPolicy> maker) {
    return NamedPlugin.of(ScalingPolicy.class, "broken", maker);
  }

  @Override
  public Decision decide(PoolLoad load) {
    Double arrivals = load.traffic().arrivals();
    int replicas = arrivals == null ? unknown(load) : needed(load, arrivals);
    return new Decision(bounded(load, replicas), "arrivals", arrivals + " requests/s");
  }

  int unknown(PoolLoad load) {
    return load.replicas();
  }

  int needed(PoolLoad load, double arrivals) {
    return (int) Math.ceil(arrivals / EACH);
  }

  int bounded(PoolLoad load, int replicas) {
    return Math.clamp(replicas, load.least(), load.most());
  }
}
