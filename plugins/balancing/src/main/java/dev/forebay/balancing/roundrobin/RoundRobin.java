package dev.forebay.balancing.roundrobin;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.Balancer;

/** Takes turns: smooth weighted round robin, as in nginx (I. Sysoev, 2012). */
@Doc("Takes turns, in proportion to weights, without regard to load.")
public record RoundRobin() implements Plugin<Balancer> {

  @Override
  public Balancer create(PluginContext context) {
    return new RoundRobinBalancer();
  }
}
