package dev.forebay.scaling.predictive;

import dev.forebay.scaling.rules.Steadiness;
import dev.forebay.scaling.rules.Steadiness.Recommendation;
import dev.forebay.scaling.rules.Throughput;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.ScalingPolicy;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The members that the highest of three demands keeps busy: that of now, that of the trend, that of
 * the cycle. What waits comes on top.
 */
final class PredictivePolicy implements ScalingPolicy {

  private final Predictive options;
  private final Throughput throughput;
  private final Steadiness steadiness;
  private final Trend trend;
  private final @Nullable Cycle cycle;

  PredictivePolicy(Predictive options) {
    this.options = options;
    this.throughput = new Throughput(options.requestsPerSecond());
    this.steadiness = new Steadiness(options.up(), options.down());
    this.trend = new Trend(options.trend().toNanos());
    this.cycle = options.cycle().toMillis() == 0 ? null : new Cycle(options.cycle().toMillis());
  }

  @Override
  public Decision decide(PoolLoad load) {
    throughput.learn(load);
    return steadiness.decide(load, this::recommend);
  }

  private Recommendation recommend(PoolLoad load) {
    Double arrivals = load.traffic().arrivals();
    if (arrivals == null) {
      return new Recommendation(null, "arrivals are unknown", "no rate");
    }
    trend.add(load.atNanos(), arrivals);
    double line = options.trend().isZero() ? Double.NaN : trend.ahead(options.ahead().toNanos());
    double before = Double.NaN;
    if (cycle != null) {
      before = cycle.ahead(load.epochMillis(), options.ahead().toMillis(), arrivals);
      cycle.add(load.epochMillis(), arrivals);
    }
    return members(load, arrivals, line, before);
  }

  private Recommendation members(PoolLoad load, double now, double line, double before) {
    double demand = Math.max(now, Math.max(known(line), known(before)));
    String rule = demand == now ? "arrivals" : demand == known(line) ? "trend" : "cycle";
    Integer waiting = load.traffic().waiting();
    String inputs =
        String.format(
            Locale.ROOT,
            "%.1f requests/s, trend %s, cycle %s, %s waiting, %.2f each",
            now,
            shown(line),
            shown(before),
            waiting == null ? "unknown" : waiting.toString(),
            throughput.perMember());
    boolean idle =
        demand == 0 && load.traffic().inFlight() == 0 && (waiting == null || waiting == 0);
    if (idle) {
      return new Recommendation(0, "idle", inputs);
    } else if (throughput.perMember() == 0) {
      return new Recommendation(Math.max(1, load.replicas()), "throughput is unknown yet", inputs);
    }
    int backlog = waiting == null ? 0 : waiting;
    double members =
        throughput.members(demand, options.utilisation())
            + throughput.members(load, backlog, options.drain().toNanos() / 1e9);
    int replicas = steadiness.tolerated(load, members, backlog > 0);
    return new Recommendation(replicas, rule, inputs);
  }

  private static double known(double value) {
    return Double.isNaN(value) ? 0 : value;
  }

  private static String shown(double value) {
    return Double.isNaN(value) ? "unknown" : String.format(Locale.ROOT, "%.1f", value);
  }
}
