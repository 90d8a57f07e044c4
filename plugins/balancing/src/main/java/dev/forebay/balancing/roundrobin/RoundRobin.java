package dev.forebay.balancing.roundrobin;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;

/** Takes turns: smooth weighted round robin, as in nginx (I. Sysoev, 2012). */
@Doc("Takes turns, in proportion to weights, without regard to load.")
public record RoundRobin() implements Plugin<Balancer> {

  @Override
  public Balancer create(PluginContext context) {
    return new RoundRobinBalancer();
  }
}
