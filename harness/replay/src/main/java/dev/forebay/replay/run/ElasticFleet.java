package dev.forebay.replay.run;

import dev.forebay.simulation.ServerStats;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a replay that an autoscaler starts and stops. A server that is ordered is a member
 * after its start, with an empty cache, and costs from its order on.
 */
final class ElasticFleet implements ScalingTarget {

  private final Timeline timeline;
  private final Fleet fleet;
  private final long startNanos;
  private final int initial;
  private final Map<String, Long> ordered = new LinkedHashMap<>();
  private final Set<String> there = new LinkedHashSet<>();
  private final Map<String, ServerStats> looked = new LinkedHashMap<>();
  private @Nullable Runnable changed;
  private double spentNanos;

  ElasticFleet(SimulatedTarget options, Fleet fleet, Timeline timeline) {
    this.timeline = timeline;
    this.fleet = fleet;
    this.startNanos = options.start().toNanos();
    this.initial = options.initial();
  }

  /** Begins with the first servers. */
  void begin(Runnable listener) {
    changed = listener;
    fleet.servers().keySet().stream().limit(initial).forEach(this::join);
    listener.run();
  }

  private void join(String id) {
    ordered.putIfAbsent(id, timeline.nanos());
    there.add(id);
  }

  /** Whether a server is a member now. */
  boolean serves(String id) {
    return there.contains(id);
  }

  /** Hours for which servers were paid for, from their orders on. */
  double replicaHours() {
    long now = timeline.nanos();
    double running = ordered.values().stream().mapToDouble(since -> now - since).sum();
    return (spentNanos + running) / Duration.ofHours(1).toNanos();
  }

  @Override
  public Future<Observed> observe() {
    List<Usage> usage = new ArrayList<>();
    for (String id : there) {
      SimulatedServer server = fleet.servers().get(id);
      if (server == null) {
        continue;
      }
      ServerStats now = server.stats();
      ServerStats before = looked.put(id, now);
      Figure cpu = before == null ? null : new Figure(now.cpuSince(before), 0);
      usage.add(new Usage(id, cpu, new Figure(now.memory(), 0)));
    }
    return Future.succeededFuture(new Observed(ordered.size(), usage));
  }

  @Override
  public Future<Void> scale(int replicas, List<String> leaving) {
    leaving.forEach(this::stop);
    List<String> newest = new ArrayList<>(ordered.keySet()).reversed();
    for (String id : newest) {
      if (ordered.size() > replicas && !there.contains(id)) {
        stop(id);
      }
    }
    for (String id : newest) {
      if (ordered.size() > replicas) {
        stop(id);
      }
    }
    for (Map.Entry<String, SimulatedServer> server : fleet.servers().entrySet()) {
      if (ordered.size() < replicas && isFree(server.getKey(), server.getValue())) {
        start(server.getKey(), server.getValue());
      }
    }
    told();
    return ordered.size() == replicas
        ? Future.succeededFuture()
        : Future.failedFuture("there are no more than " + ordered.size() + " servers");
  }

  private boolean isFree(String id, SimulatedServer server) {
    return !ordered.containsKey(id) && server.stats().running() + server.stats().waiting() == 0;
  }

  private void start(String id, SimulatedServer server) {
    long order = timeline.nanos();
    ordered.put(id, order);
    timeline.after(
        startNanos,
        () -> {
          Long since = ordered.get(id);
          if (since != null && since == order) {
            server.forget();
            there.add(id);
            told();
          }
        });
  }

  private void stop(String id) {
    Long since = ordered.remove(id);
    if (since != null) {
      spentNanos += timeline.nanos() - since;
      there.remove(id);
      looked.remove(id);
    }
  }

  private void told() {
    Runnable listener = changed;
    if (listener != null) {
      listener.run();
    }
  }
}
