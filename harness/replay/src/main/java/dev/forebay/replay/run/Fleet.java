package dev.forebay.replay.run;

import dev.forebay.core.cost.Price;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Pool;
import dev.forebay.simulation.ServerStats;
import dev.forebay.simulation.Simulated;
import dev.forebay.simulation.SimulatedBackend;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.Backend;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The simulated servers of a run, by the id of their backend. It is lent to plugins that are
 * allowed to know more than a gateway can.
 */
public final class Fleet {

  private final Map<String, SimulatedServer> servers = new LinkedHashMap<>();
  private final Map<String, List<String>> models = new LinkedHashMap<>();
  private final Set<String> away = new HashSet<>();
  private int simulated;
  private @Nullable ElasticFleet elastic;
  private final Map<String, Long> departed = new LinkedHashMap<>();

  /** Takes the simulated ones of a gateway's backends. */
  void join(List<Backend> backends) {
    for (Backend backend : backends) {
      simulated += backend instanceof SimulatedBackend ? 1 : 0;
      if (backend instanceof SimulatedBackend known) {
        servers.put(known.facts().id(), known.server());
        models.put(known.facts().id(), known.facts().models());
      }
    }
  }

  /** The servers come and go as an autoscaler wants. */
  ElasticFleet elastic(ElasticFleet target) {
    if (elastic != null) {
      throw new IllegalArgumentException("simulated-fleet: twice (expected: one for each run)");
    }
    elastic = target;
    return target;
  }

  /** What an autoscaler starts and stops; null if the fleet is what it is. */
  @Nullable ElasticFleet elastic() {
    return elastic;
  }

  /** How many of a gateway's backends are simulated. */
  int simulated() {
    return simulated;
  }

  /** The server behind an endpoint; null where it is not simulated. */
  public @Nullable SimulatedServer server(String id) {
    return servers.get(id);
  }

  Map<String, SimulatedServer> servers() {
    return servers;
  }

  /** How many servers are members of a pool at the moment. */
  int present() {
    return servers.size() - away.size();
  }

  /** Which servers are members of no pool at the moment. */
  void away(Set<String> ids) {
    away.clear();
    away.addAll(ids);
  }

  /**
   * Whether some server could answer a request in time if it were sent now: it is a member, up,
   * offers the model, has a free slot, nobody waits there, and by the answer's real length it would
   * end by the deadline if nothing came after it. Faults to come are not foreseen.
   *
   * @param deadlineNanos on the timeline of the run
   */
  boolean isRoom(InferenceRequest request, long deadlineNanos) {
    return servers.entrySet().stream()
        .anyMatch(
            server ->
                !away.contains(server.getKey())
                    && offers(server.getKey(), request.info().model())
                    && isRoom(server.getValue())
                    && server.getValue().estimatedFinishNanos(request) <= deadlineNanos);
  }

  private boolean offers(String id, String model) {
    List<String> offered = models.getOrDefault(id, List.of());
    return offered.isEmpty() || offered.contains(model);
  }

  private static boolean isRoom(SimulatedServer server) {
    return !server.down() && server.load() < 1 && server.stats().waiting() == 0;
  }

  /** Members leave, who were sent so many requests. */
  void departed(Map<String, Long> dispatched) {
    dispatched.forEach((id, count) -> departed.merge(id, count, Long::sum));
  }

  /** How many requests the pools of gateways sent to each backend, those that left included. */
  Map<String, Long> dispatched(Gateways gateways) {
    Map<String, Long> counts = new LinkedHashMap<>(departed);
    for (Gateway gateway : gateways.all()) {
      for (String pool : gateway.pools()) {
        gateway.pool(pool).dispatched().forEach((id, count) -> counts.merge(id, count, Long::sum));
      }
    }
    return counts;
  }

  /** Busy share of all slots over a time, 0 to 1. */
  double utilisation(long nanos) {
    double busy = 0;
    double slots = 0;
    for (SimulatedServer server : servers.values()) {
      busy += server.stats().busySlotNanos();
      slots += (double) server.parameters().slots() * nanos;
    }
    return slots == 0 ? 0 : Math.min(1, busy / slots);
  }

  /** Share of what servers could have computed in full batches in some replica-hours, 0 to 1. */
  double work(double replicaHours) {
    double done = 0;
    for (SimulatedServer server : servers.values()) {
      done += server.stats().workNanos() / 1e9;
    }
    return replicaHours == 0 ? 0 : Math.min(1, done / 3600 / replicaHours);
  }

  /** Requests that servers refused with 429. */
  long throttled() {
    return servers.values().stream().mapToLong(server -> server.stats().throttled()).sum();
  }

  /** Has the work of all servers priced, from now on. */
  void meter(CostMeter meter) {
    servers.forEach((id, server) -> server.meter(meter.at(id)));
  }

  /** Cost of all tokens worked on, in US dollars, where every model costs the same at any time. */
  double cost(Price price) {
    double sum = 0;
    for (SimulatedServer server : servers.values()) {
      ServerStats stats = server.stats();
      sum += price.of(stats.cachedTokens(), stats.prefilledTokens(), stats.decodedTokens());
    }
    return sum;
  }

  /** Requests per second that all simulated backends of a gateway can do; 0 where it has none. */
  static double capacity(Blueprint blueprint, double promptTokens, double outputTokens) {
    double sum = 0;
    for (Pool pool : blueprint.allPools().values()) {
      for (Pool.Member member : pool.members()) {
        if (Plugins.options(member.backend()) instanceof Simulated simulated) {
          sum += simulated.server().requestsPerSecond(promptTokens, outputTokens);
        }
      }
    }
    return sum;
  }
}
