package dev.forebay.scaling.hpa;

import dev.forebay.scaling.rules.Metric;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.PoolLoad.MemberLoad;
import dev.forebay.spi.policy.PoolLoad.State;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one metric proposes: {@code replica_calculator.go} of Kubernetes' {@code podautoscaler}.
 *
 * <p>CPU and memory are resource metrics. Their use is a whole number of percent, rounded down, as
 * there. Members on their way are Kubernetes' pending pods: left out, and counted as 0 % if the
 * pool would grow. Members without a figure count as 100 % if it would shrink, as 0 % if it would
 * grow. If that turns the direction around, nothing changes. Requests per second are an external
 * metric with an average value.
 */
final class Proposals {

  private static final double ROUNDING = 1e-9;

  private final Hpa options;
  private final long staleNanos;

  Proposals(Hpa options) {
    this.options = options;
    this.staleNanos = options.staleAfter().toNanos();
  }

  /**
   * What a metric proposes.
   *
   * @param replicas null if the metric is invalid: no figure is known
   */
  record Proposal(@Nullable Integer replicas, String inputs) {}

  Proposal of(Hpa.Target target, PoolLoad load) {
    return target.metric() == Metric.REQUESTS_PER_SECOND
        ? external(target, load)
        : resource(target, load);
  }

  private Proposal external(Hpa.Target target, PoolLoad load) {
    Double total = target.metric().of(load.traffic());
    if (total == null) {
      return new Proposal(null, target.metric() + " unknown");
    }
    double ratio = total / (target.average() * load.replicas());
    int replicas = tolerated(ratio) ? load.replicas() : ceil(total / target.average());
    return new Proposal(
        replicas,
        String.format(
            Locale.ROOT, "%s %.1f of %.1f each", target.metric(), total, target.average()));
  }

  private Proposal resource(Hpa.Target target, PoolLoad load) {
    Pods pods = new Pods(target, load);
    if (pods.ready == 0) {
      return new Proposal(null, pods.inputs());
    }
    int current = load.replicas();
    double ratio = pods.ratio(pods.used, pods.ready);
    boolean growsWithUnready = pods.unready > 0 && ratio > 1;
    if (!growsWithUnready && pods.missing == 0) {
      return new Proposal(tolerated(ratio) ? current : ceil(ratio * pods.ready), pods.inputs());
    }
    int counted = pods.ready + (growsWithUnready ? pods.unready : 0);
    double used = pods.used;
    if (ratio != 1) {
      counted += pods.missing;
      used += ratio < 1 ? pods.missing * Math.max(1, target.average()) : 0;
    }
    double again = pods.ratio(used, counted);
    int replicas = ceil(again * counted);
    boolean turned = ratio < 1 ? again > 1 || replicas > current : again < 1 || replicas < current;
    return new Proposal(tolerated(again) || turned ? current : replicas, pods.inputs());
  }

  private boolean tolerated(double ratio) {
    return ratio >= 1 - options.down().tolerance() - ROUNDING
        && ratio <= 1 + options.up().tolerance() + ROUNDING;
  }

  private static int ceil(double value) {
    return (int) Math.min(Integer.MAX_VALUE, Math.ceil(value - ROUNDING));
  }

  /** The members, in the groups that count differently. */
  private final class Pods {
    private final Hpa.Target target;
    private double used;
    private int ready;
    private int unready;
    private int missing;

    Pods(Hpa.Target target, PoolLoad load) {
      this.target = target;
      load.members().forEach(this::add);
    }

    private void add(MemberLoad member) {
      if (member.state() == State.LEAVING) {
        return;
      }
      Figure figure = target.metric().of(member);
      if (member.state() == State.COMING) {
        unready++;
      } else if (figure == null || figure.ageNanos() > staleNanos) {
        missing++;
      } else {
        ready++;
        used += figure.value();
      }
    }

    /** Use over target, of whole percent. */
    double ratio(double sum, int counted) {
      double percent = Math.floor(sum * 100 / counted + ROUNDING);
      return percent / Math.round(target.average() * 100);
    }

    String inputs() {
      String use =
          ready == 0
              ? "unknown"
              : String.format(Locale.ROOT, "%.0f %%", Math.floor(used * 100 / ready + ROUNDING));
      return String.format(
          Locale.ROOT,
          "%s %s of %.0f %% (%d ready, %d coming, %d without a figure)",
          target.metric(),
          use,
          target.average() * 100,
          ready,
          unready,
          missing);
    }
  }
}
