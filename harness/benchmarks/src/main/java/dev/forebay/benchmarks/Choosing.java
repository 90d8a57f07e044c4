package dev.forebay.benchmarks;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Member;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.state.AccountFigures;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The choice of an endpoint as a pool makes it, filtering included. */
public final class Choosing {

  private final BalancingService pool;
  private final Timeline timeline;

  /** A pool of these members. */
  public Choosing(Balancer balancer, List<Member> members, PluginContext context) {
    timeline = context.timeline();
    pool =
        new BalancingService(
            balancer,
            (endpoint, outcome) -> 0,
            null,
            Options.defaults(BalancingService.Options.class),
            members,
            context,
            new PluginErrors(timeline));
  }

  /** Sends a request to who is chosen, and reads the first chunk of the answer. */
  public void send(InferenceRequest request) {
    var unused = pool.serve(request).compose(response -> response.tokens().next());
  }

  /** Requests that are in flight, on all members together. */
  public int inFlight() {
    return pool.inFlight();
  }

  /** Whether the account of some member has as many requests in flight as it takes. */
  public boolean someAccountFull() {
    return pool.state().accounts().stream().anyMatch(Choosing::isFull);
  }

  /** Who is to answer a request. */
  public @Nullable Object choose(InferenceRequest request) {
    return pool.choose(request, timeline.nanos());
  }

  private static boolean isFull(AccountFigures account) {
    Integer limit = account.limit();
    Integer inFlight = account.inFlight();
    return limit != null && inFlight != null && inFlight >= limit;
  }
}
