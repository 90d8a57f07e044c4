package dev.forebay.queuing.fair;

import dev.forebay.queuing.line.Order;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.RequestQueue;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;

/**
 * Tenants get shares of the tokens by their weights: start-time fair queueing (P. Goyal, H. M. Vin,
 * H. Cheng, Start-Time Fair Queueing, SIGCOMM 1996). A request costs the tokens that it is expected
 * to take, and at its end the difference to those that it took. A tenant that has not asked for a
 * while has no claim for that time, and one that was alone owes nothing for it.
 *
 * <p>If it is full, the tenant loses its last ticket that has most tokens waiting for its weight.
 *
 * @param capacity how many may wait, of all tenants together, at least 1
 * @param weights by the name of the tenant, above 0; others have 1
 * @param order among the tickets of one tenant
 */
@RecordBuilder
@Doc("Shares tokens among tenants; if it is full, the tenant most over its share loses a request.")
public record Fair(
    @Doc("how many may wait, of all tenants together")
        @Default("1000")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int capacity,
    @Doc("weights of tenants, by name; others have 1")
        @Default("{}")
        @Range(min = 0.001, max = 1_000_000)
        Map<String, Double> weights,
    @Doc("order among the requests of one tenant: arrival, deadline or shortest")
        @Default("arrival")
        Order order)
    implements Plugin<RequestQueue>, FairBuilder.With {

  /** The defaults: 1,000 may wait, all tenants have equal shares. */
  public static Fair defaults() {
    return Options.defaults(Fair.class);
  }

  /** Shares by weight. */
  public static Fair weights(Map<String, Double> weights) {
    return defaults().withWeights(weights);
  }

  @Override
  public RequestQueue create(PluginContext context) {
    return new FairQueue(this);
  }
}
