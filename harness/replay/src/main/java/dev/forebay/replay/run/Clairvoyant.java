package dev.forebay.replay.run;

import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.Call;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * A balancer that asks each simulated server when it would finish, and chooses the earliest: it
 * knows the lengths of answers and the batches of servers, which no other can. It foresees no
 * faults and no arrivals. In the harness only.
 */
@Doc("Asks each simulated server when it would finish, and takes the earliest; harness only.")
public record Clairvoyant() implements Plugin<Balancer> {

  @Override
  public Balancer create(PluginContext context) {
    Fleet fleet =
        context
            .resource(Fleet.class)
            .orElseThrow(
                () -> new IllegalArgumentException("clairvoyant: a gateway (expected: a replay)"));
    return new Earliest(fleet, context);
  }

  private record Earliest(Fleet fleet, PluginContext context) implements Balancer {

    @Override
    public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
      InferenceRequest probe =
          new InferenceRequest(
              request, Buffer.buffer(), Call.root(context.timeline()), Attempt.FIRST);
      Endpoint best = candidates.get(0);
      long earliest = Long.MAX_VALUE;
      for (Endpoint candidate : candidates) {
        SimulatedServer server = fleet.server(candidate.id());
        long finish =
            server == null || server.down() ? Long.MAX_VALUE : server.estimatedFinishNanos(probe);
        if (finish < earliest) {
          earliest = finish;
          best = candidate;
        }
      }
      return best;
    }
  }
}
