package dev.forebay.balancing.leastconnections;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.Balancer;

/**
 * The fewest requests in flight for its weight, as nginx's {@code least_conn} and LVS's {@code
 * wlc}.
 */
@Doc("Chooses the endpoint with the fewest requests in flight for its weight; ties take turns.")
public record LeastConnections() implements Plugin<Balancer> {

  @Override
  public Balancer create(PluginContext context) {
    return new LeastConnectionsBalancer();
  }
}
