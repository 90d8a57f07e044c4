package dev.forebay.examples.cheapestfirst;

// tag::plugin[]
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.Map;

/**
 * A balancer that chooses the cheapest endpoint that has room, and the least loaded if none has.
 *
 * @param prices price of each endpoint by its id, all in one unit; an endpoint without a price
 *     costs nothing
 * @param room requests that an endpoint of weight 1 has room for, at least 1
 */
@Doc("Chooses the cheapest endpoint that has room; if none has, the least loaded.")
public record CheapestFirst(
    @Doc("Price of each endpoint, by its id; others cost nothing.")
        @Default("{}")
        @Range(min = 0, max = 1_000_000)
        Map<String, Double> prices,
    @Doc("Requests that an endpoint of weight 1 has room for.")
        @Default("32")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int room)
    implements Plugin<Balancer> {

  @Override
  public Balancer create(PluginContext context) {
    return new Choice(this);
  }

  /** Runs on the pool's timeline only, one call at a time: it needs no locks. */
  private static final class Choice implements Balancer {
    private final CheapestFirst options;
    private int turn;

    Choice(CheapestFirst options) {
      this.options = options;
    }

    @Override
    public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
      int first = Math.floorMod(turn++, candidates.size()); // equal endpoints take turns
      Endpoint best = candidates.get(first);
      for (int i = 1; i < candidates.size(); i++) {
        Endpoint candidate = candidates.get((first + i) % candidates.size());
        best = better(candidate, best) ? candidate : best;
      }
      return best;
    }

    private boolean better(Endpoint a, Endpoint b) {
      if (room(a) != room(b)) {
        return room(a);
      }
      boolean byPrice = room(a) && price(a) != price(b);
      return byPrice ? price(a) < price(b) : load(a) < load(b);
    }

    /** Whether it has room; an endpoint that fails half of its requests has none. */
    private boolean room(Endpoint endpoint) {
      return load(endpoint) < options.room() && endpoint.errorRate() < 0.5;
    }

    private double load(Endpoint endpoint) {
      return endpoint.inFlight() / endpoint.weight();
    }

    private double price(Endpoint endpoint) {
      return options.prices().getOrDefault(endpoint.id(), 0.0);
    }
  }
}
// end::plugin[]
