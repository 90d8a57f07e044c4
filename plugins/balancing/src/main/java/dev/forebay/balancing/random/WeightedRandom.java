package dev.forebay.balancing.random;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;

/**
 * Draws one, by weight, without regard to load: the baseline that every other balancer has to beat
 * (Mitzenmacher's analysis of the power of two choices begins with it; nginx's {@code random}).
 */
public final class WeightedRandom implements Provider<Balancer, WeightedRandom.Options> {

  /** No options: weights are the endpoints' own. */
  @Doc("Draws an endpoint by weight, without regard to load: a baseline.")
  public record Options() {}

  /** This balancer, for a pipeline. */
  public static Plugin<Balancer> plugin() {
    return Plugin.of(new WeightedRandom(), new Options());
  }

  @Override
  public Class<Balancer> kind() {
    return Balancer.class;
  }

  @Override
  public String name() {
    return "random";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public Balancer create(Options options, PluginContext context) {
    return new WeightedRandomBalancer(context.random());
  }
}
