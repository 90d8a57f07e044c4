package dev.forebay.balancing.poweroftwo;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.Balancer;

/**
 * The better of two drawn at random: M. Mitzenmacher, The Power of Two Choices in Randomized Load
 * Balancing (IEEE TPDS 12(10), 2001).
 */
@Doc("Draws two endpoints and chooses the one with fewer requests in flight for its weight.")
public record PowerOfTwo() implements Plugin<Balancer> {

  @Override
  public Balancer create(PluginContext context) {
    return new PowerOfTwoBalancer(context.random());
  }
}
