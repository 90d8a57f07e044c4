package com.example.soonest;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/**
 * A balancer that chooses the endpoint whose first content is to be expected soonest: its smoothed
 * time to first content, times the requests that are there and this one.
 *
 * @param penalty how many times as long an endpoint that always fails is taken to need, at least 1
 */
@Doc("Chooses the endpoint whose first content is to be expected soonest.")
public record Soonest(
    @Doc("How many times as long an endpoint that always fails is taken to need.")
        @Default("10")
        @Range(min = 1, max = 1000)
        double penalty)
    implements Plugin<Balancer> {

  @Override
  public Balancer create(PluginContext context) {
    return new Choice(this);
  }

  /** Called one at a time, so it needs no locks. */
  private static final class Choice implements Balancer {
    private final Soonest options;
    private int turn;

    Choice(Soonest options) {
      this.options = options;
    }

    @Override
    public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
      double usual = usualNanos(candidates);
      int first = Math.floorMod(turn++, candidates.size()); // equal endpoints take turns
      Endpoint best = candidates.get(first);
      for (int i = 1; i < candidates.size(); i++) {
        Endpoint candidate = candidates.get((first + i) % candidates.size());
        best = expected(candidate, usual) < expected(best, usual) ? candidate : best;
      }
      return best;
    }

    private double expected(Endpoint endpoint, double usual) {
      double load = (endpoint.inFlight() + 1) / endpoint.weight();
      double failing = 1 + endpoint.errorRate() * (options.penalty() - 1);
      double nanos = endpoint.firstContentNanos() == 0 ? usual : endpoint.firstContentNanos();
      return nanos * load * failing;
    }

    /** What an endpoint without a sample is taken to need: else it would draw all the work. */
    private static double usualNanos(List<Endpoint> candidates) {
      return candidates.stream()
          .mapToLong(Endpoint::firstContentNanos)
          .filter(nanos -> nanos > 0)
          .average()
          .orElse(1);
    }
  }
}
