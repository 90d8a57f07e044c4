package dev.forebay.balancing.random;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.Balancer;

/**
 * Draws one, by weight, without regard to load: the baseline that every other balancer has to beat
 * (Mitzenmacher's analysis of the power of two choices begins with it; nginx's {@code random}).
 */
@Named("random")
@Doc("Draws an endpoint by weight, without regard to load: a baseline.")
public record WeightedRandom() implements Plugin<Balancer> {

  @Override
  public Balancer create(PluginContext context) {
    return new WeightedRandomBalancer(context.random());
  }
}
