package dev.forebay.scaling;

import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.spi.state.EndpointFigures;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a pool to the members that it should have, step by step. Members that serve are those that
 * do not drain. To grow, members that drain are taken back first, which are started and warm; then
 * more are ordered. To shrink, those with the least left to do drain; standbys are members that
 * drain and stay. The rest of them goes once it has nothing under way, or has drained for as long
 * as it may. A member that was let go and is still there after a minute, when there are no more
 * members than the target keeps, is one of those that stay: the target let another go.
 */
final class MemberChanges {

  private static final Logger LOG = LoggerFactory.getLogger(MemberChanges.class);
  private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long LEAVES_NANOS = Duration.ofMinutes(1).toNanos();

  private static final Comparator<EndpointFigures> LEAST_LEFT =
      Comparator.comparingLong(EndpointFigures::inFlightTokens)
          .thenComparingInt(EndpointFigures::inFlight);

  private final Scaling.Scaled options;
  private final ScalingTarget target;
  private final Pools pools;
  private final Timeline timeline;
  private final ScalingMetrics.OfPool metrics;
  private final Map<String, Long> leavingNanos = new LinkedHashMap<>();
  private final Map<String, Long> drainedNanos = new LinkedHashMap<>();
  private int ordered;
  private long orderedNanos;
  private boolean ordering;
  private int orders;
  private long pausedUntil;

  MemberChanges(
      Scaling.Scaled options,
      ScalingTarget target,
      Pools pools,
      Timeline timeline,
      ScalingMetrics.OfPool metrics) {
    this.options = options;
    this.target = target;
    this.pools = pools;
    this.timeline = timeline;
    this.metrics = metrics;
  }

  /** Members that the target keeps, by its last word. */
  int ordered() {
    return ordered;
  }

  /** When members were ordered last. */
  long orderedNanos() {
    return orderedNanos;
  }

  /** How many orders were sent so far. */
  int orders() {
    return orders;
  }

  /** Whether an order is under way. */
  boolean ordering() {
    return ordering;
  }

  void adopt(int kept) {
    ordered = kept;
  }

  /**
   * Takes the next step.
   *
   * @param replicas that are to serve
   * @param members all that are in the pool
   * @return whether there is nothing left to do
   */
  boolean approach(int replicas, List<EndpointFigures> members) {
    List<EndpointFigures> serving = new ArrayList<>();
    List<EndpointFigures> drained = new ArrayList<>();
    sort(members, serving, drained);
    int missing = replicas - serving.size();
    if (missing > 0) {
      drained.sort(LEAST_LEFT.reversed());
      drained.stream().limit(missing).forEach(member -> drain(member, false));
    } else if (missing < 0) {
      serving.sort(LEAST_LEFT);
      serving.stream().limit(-missing).forEach(member -> drain(member, true));
    }
    boolean moved = missing < 0 || (missing > 0 && !drained.isEmpty());
    boolean off = replicas == 0 && options.min() > 0;
    int kept = off ? 0 : Math.min(options.max(), replicas + options.standbys());
    if (!moved) {
      order(kept, serving.size() + drained.size(), drained);
    }
    boolean arrived = serving.size() + drained.size() == ordered;
    return !moved && !ordering && ordered == kept && missing == 0 && arrived;
  }

  private void sort(
      List<EndpointFigures> members, List<EndpointFigures> serving, List<EndpointFigures> drained) {
    long now = timeline.nanos();
    boolean allStay = members.size() <= ordered;
    leavingNanos.values().removeIf(since -> allStay && now - since >= LEAVES_NANOS);
    Set<String> ids = new LinkedHashSet<>();
    for (EndpointFigures member : members) {
      ids.add(member.id());
      boolean drains = member.state() == EndpointFigures.State.DRAINING;
      if (leavingNanos.containsKey(member.id())) {
        continue;
      }
      (drains ? drained : serving).add(member);
      if (drains) {
        drainedNanos.putIfAbsent(member.id(), now);
      } else {
        drainedNanos.remove(member.id());
      }
    }
    leavingNanos.keySet().retainAll(ids);
    drainedNanos.keySet().retainAll(ids);
  }

  private void drain(EndpointFigures member, boolean begin) {
    LOG.info("scaling {}: {} {}", options.pool(), member.id(), begin ? "drains" : "is taken back");
    pools.drain(options.pool(), member.id(), begin);
  }

  /**
   * Orders what is missing, or lets go what is too much and has nothing left to do.
   *
   * @param there members that are in the pool and do not leave it
   */
  private void order(int kept, int there, List<EndpointFigures> drained) {
    if (ordering || timeline.nanos() < pausedUntil || kept == ordered) {
      return;
    }
    if (kept > ordered) {
      send(kept, List.of());
      return;
    }
    int surplus = ordered - kept;
    int notThere = Math.min(surplus, Math.max(0, ordered - there));
    drained.sort(LEAST_LEFT);
    List<String> gone =
        drained.stream()
            .filter(this::mayGo)
            .limit(surplus - notThere)
            .map(EndpointFigures::id)
            .toList();
    if (notThere + gone.size() > 0) {
      send(ordered - notThere - gone.size(), gone);
    }
  }

  private boolean mayGo(EndpointFigures member) {
    long since = drainedNanos.getOrDefault(member.id(), timeline.nanos());
    return member.inFlight() == 0 || timeline.nanos() - since >= options.drain().toNanos();
  }

  private void send(int replicas, List<String> gone) {
    ordering = true;
    orders++;
    int before = ordered;
    LOG.info("scaling {}: orders {} of {}, leaving {}", options.pool(), replicas, before, gone);
    Future<Void> taken;
    try {
      taken = target.scale(replicas, gone);
    } catch (RuntimeException | LinkageError e) {
      taken = Future.failedFuture(e);
    }
    taken.onComplete(
        (nothing, refused) ->
            timeline.execute(
                () -> {
                  ordering = false;
                  if (refused == null) {
                    metrics.ordered();
                    ordered = replicas;
                    orderedNanos = replicas > before ? timeline.nanos() : orderedNanos;
                    gone.forEach(id -> leavingNanos.put(id, timeline.nanos()));
                  } else {
                    metrics.failed();
                    pausedUntil = timeline.nanos() + PAUSE_NANOS;
                    LOG.warn(
                        "scaling {}: the order was refused: {}; it is tried again",
                        options.pool(),
                        refused.getMessage());
                  }
                }));
  }
}
