package dev.forebay.scaling.queue;

import dev.forebay.scaling.rules.Metric;
import dev.forebay.scaling.rules.Steadiness;
import dev.forebay.scaling.rules.Steadiness.Recommendation;
import dev.forebay.scaling.rules.Throughput;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.PoolLoad.State;
import dev.forebay.spi.policy.ScalingPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The members that the arrivals keep busy, by what a member finishes. On top of them, while the
 * signal is above its target: those that serve what waits within the target (waiting time), one for
 * so many waiting tokens, or the ready ones in proportion (time to the first content).
 */
final class QueuePolicy implements ScalingPolicy {

  /** A slow first content at most doubles the members: its cause may be another. */
  private static final double MOST_GROWTH = 2;

  private final Queue options;
  private final Throughput throughput;
  private final Steadiness steadiness;

  QueuePolicy(Queue options) {
    this.options = options;
    this.throughput = new Throughput(options.requestsPerSecond());
    this.steadiness = new Steadiness(options.up(), options.down());
  }

  @Override
  public Decision decide(PoolLoad load) {
    throughput.learn(load);
    return steadiness.decide(load, this::recommend);
  }

  private Recommendation recommend(PoolLoad load) {
    Double arrivals = load.traffic().arrivals();
    List<String> inputs = new ArrayList<>();
    inputs.add(
        String.format(
            Locale.ROOT,
            "%s requests/s, %.2f each",
            arrivals == null ? "unknown" : String.format(Locale.ROOT, "%.1f", arrivals),
            throughput.perMember()));
    if (arrivals == null) {
      return new Recommendation(null, "arrivals are unknown", inputs.get(0));
    }
    boolean idle = arrivals == 0 && load.traffic().inFlight() == 0 && waiting(load) == 0;
    double busy = throughput.members(arrivals, options.utilisation());
    double replicas = busy;
    String rule = "arrivals";
    for (Queue.Signal signal : options.signals()) {
      Double value = signal.metric().of(load.traffic());
      double more = value == null ? 0 : needed(signal, value, busy, load);
      inputs.add(signal.metric() + " " + (value == null ? "unknown" : shown(value)));
      if (more > replicas) {
        replicas = more;
        rule = signal.metric().toString();
      }
    }
    String all = String.join("; ", inputs);
    if (idle) {
      return new Recommendation(0, "idle", all);
    }
    return throughput.perMember() == 0
        ? unlearned(load, rule, replicas, all)
        : new Recommendation(steadiness.tolerated(load, replicas, replicas > busy), rule, all);
  }

  /** Nothing is known of what a member finishes: the pool does not shrink, and begins with one. */
  private static Recommendation unlearned(
      PoolLoad load, String rule, double replicas, String inputs) {
    int least = Math.max(1, Math.max(load.replicas(), (int) Math.ceil(replicas)));
    return new Recommendation(least, replicas > 0 ? rule : "throughput is unknown yet", inputs);
  }

  private double needed(Queue.Signal signal, double value, double busy, PoolLoad load) {
    if (value <= signal.target() && signal.metric() != Metric.WAITING_TOKENS) {
      return 0;
    }
    return switch (signal.metric()) {
      case WAIT -> busy + throughput.members(load, waiting(load), signal.target());
      case WAITING_TOKENS -> value == 0 ? 0 : busy + value / signal.target();
      default -> load.count(State.READY) * Math.min(MOST_GROWTH, value / signal.target());
    };
  }

  private static int waiting(PoolLoad load) {
    Integer waiting = load.traffic().waiting();
    return waiting == null ? 0 : waiting;
  }

  private static String shown(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
  }
}
