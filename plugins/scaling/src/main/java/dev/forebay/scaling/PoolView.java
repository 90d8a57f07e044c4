package dev.forebay.scaling;

import dev.forebay.spi.host.ComingCapacity;
import dev.forebay.spi.host.ComingCapacity.Coming;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.PoolLoad.MemberLoad;
import dev.forebay.spi.policy.PoolLoad.Traffic;
import dev.forebay.spi.policy.ScalingTarget.Usage;
import dev.forebay.spi.state.AdmissionState;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.PoolState;
import dev.forebay.spi.state.StateReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pool as its autoscaler sees it: the age of each member since it was first seen, and rates from
 * two looks at counters that only grow. Members that are there at the first look are warm.
 *
 * <p>Queues count if they are those of the pool, or stand before the only pool.
 */
final class PoolView {

  private static final String DEFAULT = "default";

  private final Scaling.Scaled options;
  private final StateReader reader;
  private final ComingCapacity outlook;
  private final String prefix;
  private final Map<String, Long> seenNanos = new LinkedHashMap<>();
  private final Set<String> served = new LinkedHashSet<>();
  private boolean looked;
  private long startNanos;
  private long measuredNanos;
  private @Nullable Totals before;

  /** Counts that only grow, and when they were read. */
  private record Totals(long atNanos, long arrivals, long finished) {}

  PoolView(Scaling.Scaled options, StateReader reader, ComingCapacity outlook) {
    this.options = options;
    this.reader = reader;
    this.outlook = outlook;
    this.prefix = options.pool().equals(DEFAULT) ? "" : options.pool() + "/";
  }

  ComingCapacity outlook() {
    return outlook;
  }

  /** All that are in the pool; notes who is new, and forgets who left. */
  List<EndpointFigures> look(long now, long orderedNanos) {
    return look(reader.state(), now, orderedNanos);
  }

  private List<EndpointFigures> look(GatewayState state, long now, long orderedNanos) {
    PoolState pool = state.pools().get(options.pool());
    List<EndpointFigures> all = pool == null ? List.of() : pool.endpoints();
    Set<String> ids = new LinkedHashSet<>();
    for (EndpointFigures endpoint : all) {
      ids.add(endpoint.id());
      boolean isNew = !seenNanos.containsKey(endpoint.id());
      if (isNew) {
        seenNanos.put(endpoint.id(), looked ? now : now - options.warmUp().toNanos());
        measure(now, orderedNanos);
      }
      if (endpoint.state() == EndpointFigures.State.UP) {
        served.add(endpoint.id());
      }
    }
    looked = true;
    seenNanos.keySet().retainAll(ids);
    served.retainAll(ids);
    return all;
  }

  /**
   * The first new member after an order tells how long a start takes; later ones replace others.
   */
  private void measure(long now, long orderedNanos) {
    if (looked && orderedNanos > measuredNanos) {
      measuredNanos = orderedNanos;
      startNanos = now - orderedNanos;
    }
  }

  /**
   * The load.
   *
   * @param replicas that are to serve, as decided last
   * @param least bound of them
   * @param orderedNanos when members were ordered last
   */
  PoolLoad load(
      long now, long epochMillis, int replicas, int least, List<Usage> usage, long orderedNanos) {
    GatewayState state = reader.state();
    List<EndpointFigures> all = look(state, now, orderedNanos);
    List<MemberLoad> members = new ArrayList<>();
    Map<String, Usage> used = new LinkedHashMap<>();
    usage.forEach(one -> used.put(one.id(), one));
    for (EndpointFigures endpoint : all) {
      Usage own = used.get(endpoint.id());
      members.add(
          new MemberLoad(
              endpoint.id(),
              stateOf(endpoint, now),
              own == null ? null : own.cpu(),
              own == null ? null : own.memory(),
              endpoint.inFlight()));
    }
    long there = members.stream().filter(one -> one.state() != PoolLoad.State.LEAVING).count();
    for (long i = there; i < replicas; i++) {
      members.add(new MemberLoad("ordered-" + (i - there), PoolLoad.State.COMING, null, null, 0));
    }
    PoolLoad load =
        new PoolLoad(
            now, epochMillis, replicas, least, options.max(), members, traffic(state, all, now));
    publish(all, now, replicas, orderedNanos);
    return load;
  }

  /** Says what is on its way to a pool that is to have so many members that serve. */
  void publish(List<EndpointFigures> all, long now, int replicas, long orderedNanos) {
    int ready = 0;
    long at = Long.MAX_VALUE;
    boolean open = false;
    for (EndpointFigures endpoint : all) {
      PoolLoad.State state = stateOf(endpoint, now);
      ready += state == PoolLoad.State.READY ? 1 : 0;
      open |= takes(endpoint);
      if (state == PoolLoad.State.COMING) {
        at = Math.min(at, seen(endpoint));
      }
    }
    int coming = Math.max(0, replicas - ready);
    if (coming > 0 && at == Long.MAX_VALUE) {
      at = orderedNanos + startNanos;
    }
    if (open && at != Long.MAX_VALUE) {
      at += options.warmUp().toNanos(); // if nobody serves, the first serves before it is warm
    }
    outlook.expect(options.pool(), new Coming(ready, coming, at, open));
  }

  private PoolLoad.State stateOf(EndpointFigures endpoint, long now) {
    if (endpoint.state() == EndpointFigures.State.DRAINING) {
      return PoolLoad.State.LEAVING;
    }
    if (now - seen(endpoint) < options.warmUp().toNanos()) {
      return PoolLoad.State.COMING;
    }
    boolean takes = takes(endpoint);
    return takes
        ? PoolLoad.State.READY
        : served.contains(endpoint.id()) ? PoolLoad.State.UNREADY : PoolLoad.State.COMING;
  }

  private long seen(EndpointFigures endpoint) {
    return seenNanos.getOrDefault(endpoint.id(), 0L);
  }

  private static boolean takes(EndpointFigures endpoint) {
    return endpoint.state() == EndpointFigures.State.UP
        || endpoint.state() == EndpointFigures.State.HALF_OPEN;
  }

  private Traffic traffic(GatewayState state, List<EndpointFigures> all, long now) {
    AdmissionState queue = queue(state);
    int inFlight = all.stream().mapToInt(EndpointFigures::inFlight).sum();
    long picks = counter(state, "picks");
    long arrivals = queue == null ? picks + counter(state, "no_endpoint") : queue.offered();
    Totals totals = new Totals(now, arrivals, picks - inFlight);
    Totals last = before;
    before = totals;
    long over = last == null ? 0 : now - last.atNanos();
    int room = outlook.awaiting(options.pool());
    return new Traffic(
        over,
        last == null ? null : rate(totals.arrivals() - last.arrivals(), over),
        last == null ? null : rate(totals.finished() - last.finished(), over),
        inFlight,
        queue == null && room == 0 ? null : room + (queue == null ? 0 : queue.queued()),
        queue == null ? null : queue.queuedTokens(),
        queue == null ? null : queue.oldestMillis() / 1000,
        firstContent(all));
  }

  /** Null if it is not known: a counter that fell is another one, as after a reload. */
  private static @Nullable Double rate(long count, long overNanos) {
    return overNanos <= 0 || count < 0 ? null : count * 1e9 / overNanos;
  }

  private long counter(GatewayState state, String name) {
    return state.metrics().counters().getOrDefault(new Series(prefix + "balance", name), 0L);
  }

  private @Nullable AdmissionState queue(GatewayState state) {
    Object own = state.parts().get(prefix + "admit");
    Object found = own == null && state.pools().size() == 1 ? state.parts().get("admit") : own;
    return found instanceof AdmissionState queue ? queue : null;
  }

  private static @Nullable Double firstContent(List<EndpointFigures> all) {
    double sum = 0;
    int count = 0;
    for (EndpointFigures endpoint : all) {
      if (takes(endpoint) && endpoint.firstContentMillis() > 0) {
        sum += endpoint.firstContentMillis();
        count++;
      }
    }
    return count == 0 ? null : sum / count / 1000;
  }
}
