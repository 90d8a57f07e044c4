package dev.forebay.balancing.leastconnections;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;

/**
 * The fewest requests in flight for its weight, as nginx's {@code least_conn} and LVS's {@code
 * wlc}.
 */
public final class LeastConnections implements Provider<Balancer, LeastConnections.Options> {

  /** No options: weights are the endpoints' own. */
  @Doc("Chooses the endpoint with the fewest requests in flight for its weight; ties take turns.")
  public record Options() {}

  /** This balancer, for a pipeline. */
  public static Plugin<Balancer> plugin() {
    return Plugin.of(new LeastConnections(), new Options());
  }

  @Override
  public Class<Balancer> kind() {
    return Balancer.class;
  }

  @Override
  public String name() {
    return "least-connections";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public Balancer create(Options options, PluginContext context) {
    return new LeastConnectionsBalancer();
  }
}
