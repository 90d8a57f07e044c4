package dev.forebay.balancing.roundrobin;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;

/** Takes turns: smooth weighted round robin, as in nginx (I. Sysoev, 2012). */
public final class RoundRobin implements Provider<Balancer, RoundRobin.Options> {

  /** No options: weights are the endpoints' own. */
  @Doc("Takes turns, in proportion to weights, without regard to load.")
  public record Options() {}

  /** This balancer, for a pipeline. */
  public static Plugin<Balancer> plugin() {
    return Plugin.of(new RoundRobin(), new Options());
  }

  @Override
  public Class<Balancer> kind() {
    return Balancer.class;
  }

  @Override
  public String name() {
    return "round-robin";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public Balancer create(Options options, PluginContext context) {
    return new RoundRobinBalancer();
  }
}
