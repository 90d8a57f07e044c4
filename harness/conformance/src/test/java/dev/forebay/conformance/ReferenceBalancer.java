package dev.forebay.conformance;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Takes the endpoint with the least load for its weight; ties are drawn. */
public class ReferenceBalancer implements Balancer {

  private final PluginContext context;

  ReferenceBalancer(PluginContext context) {
    this.context = context;
  }

  /** A plugin of this class or one that breaks a rule. */
  static Plugin<Balancer> plugin(Function<PluginContext, Balancer> maker) {
    return NamedPlugin.of(Balancer.class, "broken", maker);
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    List<Endpoint> best = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (Endpoint candidate : candidates) {
      double score = score(candidate);
      if (score < least) {
        best.clear();
        least = score;
      }
      if (score == least) {
        best.add(candidate);
      }
    }
    return best.get(tie(request, best.size()));
  }

  double score(Endpoint endpoint) {
    return (endpoint.inFlight() + 1.0) / endpoint.weight() * (1 + 10 * endpoint.errorRate());
  }

  int tie(RequestInfo request, int count) {
    return context.random().nextInt(count);
  }

  /** Its plugin, with options of each kind. */
  @Doc("Takes the endpoint with the least load for its weight.")
  @Named("reference-least-load")
  record Registered(
      @Doc("How many.") @Default("2") @Range(min = 1, max = 10) int choices,
      @Doc("How long.") @Default("30s") @Range(min = 0, max = 3600) java.time.Duration window,
      @Doc("How large.")
          @Default("64MiB")
          @Range(min = 0, max = 1e12)
          @dev.forebay.spi.options.Unit("bytes")
          long bytes,
      @Doc("Which.") @Default("least-load") Mode mode,
      @Doc("Whether.") @Default("true") boolean sticky)
      implements Plugin<Balancer> {

    @Override
    public Balancer create(PluginContext context) {
      return new ReferenceBalancer(context);
    }
  }

  enum Mode {
    LEAST_LOAD
  }

  /** With its defaults. */
  static final Registered DEFAULTS =
      new Registered(2, java.time.Duration.ofSeconds(30), 64 << 20, Mode.LEAST_LOAD, true);
}
