package dev.forebay.scaling;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingPolicy.Decision;
import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.spi.policy.ScalingTarget.Observed;
import dev.forebay.spi.state.EndpointFigures;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The autoscaler of one pool. At each interval it observes the target, asks the policy how many
 * members are to serve, and keeps the answer within the bounds. While the target cannot be asked,
 * nothing is decided. Between decisions, {@link MemberChanges} drains and orders until what is
 * there is what should be.
 */
final class PoolScaler {

  private static final Logger LOG = LoggerFactory.getLogger(PoolScaler.class);
  private static final long ANSWER_NANOS = Duration.ofSeconds(30).toNanos();
  private static final String ARRIVAL = "an arrival at an empty pool";
  private static final long UPKEEP_NANOS = Duration.ofSeconds(1).toNanos();

  /** A change of direction within this time is flapping. */
  private static final long TURN_NANOS = Duration.ofMinutes(5).toNanos();

  private final Scaling.Scaled options;
  private final long intervalNanos;
  private final ScalingPolicy policy;
  private final ScalingTarget target;
  private final PoolView view;
  private final Timeline timeline;
  private final ScalingMetrics.OfPool metrics;
  private final DecisionLog log = new DecisionLog();
  private final MemberChanges changes;
  private Registration next = Registration.NONE;
  private Registration upkeep = Registration.NONE;
  private @Nullable PoolLoad last;
  private int replicas;
  private boolean adopted;
  private boolean observing;
  private boolean closed;
  private boolean lost;
  private int direction;
  private long turnedNanos;
  private long busyNanos;

  PoolScaler(
      Scaling.Scaled options,
      long intervalNanos,
      ScalingPolicy policy,
      ScalingTarget target,
      PoolView view,
      Pools pools,
      Timeline timeline,
      ScalingMetrics.OfPool metrics) {
    this.options = options;
    this.intervalNanos = intervalNanos;
    this.policy = policy;
    this.target = target;
    this.view = view;
    this.timeline = timeline;
    this.metrics = metrics;
    this.changes = new MemberChanges(options, target, pools, timeline, metrics);
    metrics.gauges(
        () -> replicas,
        changes::ordered,
        () -> view.outlook().of(options.pool()).ready(),
        () -> view.outlook().of(options.pool()).coming());
    view.outlook().starter(options.pool(), this::awaited);
  }

  String pool() {
    return options.pool();
  }

  /** The last decisions, the newest first. */
  JsonArray decisions() {
    return log.json();
  }

  void start() {
    busyNanos = timeline.nanos();
    turn();
  }

  void close() {
    closed = true;
    next.cancel();
    upkeep.cancel();
  }

  private void turn() {
    next = timeline.after(intervalNanos, this::turn);
    if (!observing) {
      observing = true;
      int orders = changes.orders();
      observe().onComplete((observed, thrown) -> seen(observed, thrown, orders));
    }
  }

  /** What the target says, or a failure, within a bounded time. */
  private Future<Observed> observe() {
    Future<Observed> asked;
    try {
      asked = target.observe();
    } catch (RuntimeException | LinkageError e) {
      asked = Future.failedFuture(e);
    }
    return timeline.within(
        ANSWER_NANOS, asked, () -> new TimeoutException("no answer within 30 s"));
  }

  private void seen(@Nullable Observed observed, @Nullable Throwable thrown, int orders) {
    observing = false;
    if (closed) {
      return;
    }
    if (observed == null) {
      metrics.failed();
      if (!lost) {
        LOG.warn(
            "scaling {}: the target cannot be asked: {}; nothing changes",
            options.pool(),
            thrown == null ? "no answer" : thrown.getMessage());
      }
      lost = true;
      return;
    }
    lost = false;
    boolean current = orders == changes.orders() && !changes.ordering();
    if (current) {
      adopt(observed); // else what it said may be older than the order
    }
    decide(observed);
  }

  /** Somebody else may have changed what the target keeps. */
  private void adopt(Observed observed) {
    List<EndpointFigures> members = view.look(timeline.nanos(), changes.orderedNanos());
    Integer kept = observed.replicas();
    int there = kept == null ? members.size() : kept;
    int serve = Math.max(Math.min(there, options.min()), there - options.standbys());
    if (!adopted) {
      adopted = true;
      replicas = serve;
      changes.adopt(there);
    } else if (there != changes.ordered()) {
      LOG.info(
          "scaling {}: the target keeps {} and not {}: taken over",
          options.pool(),
          there,
          changes.ordered());
      boolean more = there > changes.ordered();
      changes.adopt(there);
      int now = more ? Math.max(replicas, serve) : Math.min(replicas, there);
      replicas = target.advisory() ? there : now;
    }
  }

  private void decide(Observed observed) {
    long now = timeline.nanos();
    PoolLoad load =
        view.load(
            now,
            timeline.epochMillis(),
            replicas,
            least(now),
            observed.usage(),
            changes.orderedNanos());
    last = load;
    Decision decision;
    try {
      decision = policy.decide(load);
    } catch (RuntimeException | LinkageError e) {
      metrics.failed();
      LOG.error("scaling {}: the policy threw; nothing changes", options.pool(), e);
      return;
    }
    boolean off = replicas == 0 && options.min() > 0;
    int wanted = off ? 0 : Math.clamp(decision.replicas(), load.least(), load.most());
    int waiting = view.outlook().awaiting(options.pool());
    if (wanted == 0 && options.min() == 0 && waiting > 0) {
      change(1, ARRIVAL, "waiting " + waiting); // it came while the target could not be asked
    } else {
      change(wanted, decision.rule(), decision.inputs());
    }
    settle();
  }

  /** A pool that may be empty is not, as long as requests came lately. */
  private int least(long now) {
    PoolLoad load = last;
    boolean busy =
        view.outlook().awaiting(options.pool()) > 0
            || (load != null
                && (load.traffic().inFlight() > 0
                    || !Double.valueOf(0).equals(load.traffic().arrivals())));
    busyNanos = busy ? now : busyNanos;
    boolean lately = replicas > 0 && now - busyNanos < options.idle().toNanos();
    return options.min() == 0 && lately ? 1 : options.min();
  }

  /** A request waits and nobody serves: that is a reason to begin at once. */
  private void awaited() {
    busyNanos = timeline.nanos();
    if (adopted && !closed && !target.advisory() && replicas == 0 && options.min() == 0) {
      change(1, ARRIVAL, "waiting 1");
      settle();
    }
  }

  private void change(int wanted, String rule, String inputs) {
    long now = timeline.nanos();
    log.add(timeline.epochMillis(), replicas, wanted, rule, inputs);
    metrics.decided(wanted - replicas);
    if (wanted == replicas) {
      LOG.debug("scaling {}: {} stay ({}): {}", options.pool(), replicas, rule, inputs);
      return;
    }
    LOG.info("scaling {}: {} -> {} ({}): {}", options.pool(), replicas, wanted, rule, inputs);
    int way = Integer.signum(wanted - replicas);
    if (direction == -way && now - turnedNanos < TURN_NANOS) {
      metrics.turned();
    }
    direction = way;
    turnedNanos = now;
    replicas = wanted;
  }

  /** Drains and orders, and looks again soon until there is nothing left to do. */
  private void settle() {
    upkeep.cancel();
    long now = timeline.nanos();
    List<EndpointFigures> members = view.look(now, changes.orderedNanos());
    boolean done = closed || target.advisory() || changes.approach(replicas, members);
    view.publish(members, now, replicas, changes.orderedNanos());
    if (!done) {
      upkeep = timeline.after(UPKEEP_NANOS, this::settle);
    }
  }
}
