package dev.forebay.balancing.poweroftwo;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;

/**
 * The better of two drawn at random: M. Mitzenmacher, The Power of Two Choices in Randomized Load
 * Balancing (IEEE TPDS 12(10), 2001).
 */
public final class PowerOfTwo implements Provider<Balancer, PowerOfTwo.Options> {

  /** No options: weights are the endpoints' own. */
  @Doc("Draws two endpoints and chooses the one with fewer requests in flight for its weight.")
  public record Options() {}

  /** This balancer, for a pipeline. */
  public static Plugin<Balancer> plugin() {
    return Plugin.of(new PowerOfTwo(), new Options());
  }

  @Override
  public Class<Balancer> kind() {
    return Balancer.class;
  }

  @Override
  public String name() {
    return "power-of-two";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public Balancer create(Options options, PluginContext context) {
    return new PowerOfTwoBalancer(context.random());
  }
}
