package dev.forebay.core;

import dev.forebay.config.OptionsReader;
import dev.forebay.spi.Balancer;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PluginContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The choice of an endpoint as a pool makes it, filtering included, without sending anything. */
public final class Choosing {

  private final BalancingService pool;

  /** A pool of these members. */
  public Choosing(Balancer balancer, List<Member> members, PluginContext context) {
    pool =
        new BalancingService(
            balancer,
            (endpoint, outcome) -> 0,
            OptionsReader.defaults(BalancingService.Options.class),
            members,
            context,
            new PluginErrors());
  }

  /** Who is to answer a request. */
  public @Nullable Object choose(InferenceRequest request) {
    return pool.choose(request);
  }
}
