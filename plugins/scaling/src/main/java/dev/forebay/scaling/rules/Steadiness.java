package dev.forebay.scaling.rules;

import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.ScalingPolicy.Decision;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * From what a policy recommends to what it decides, as Kubernetes does it ({@code horizontal.go} of
 * its {@code podautoscaler}): bounds first, then a window of recommendations for each direction,
 * then bounds on the rate of change. A change counts towards the rate once the load shows that it
 * was made.
 */
public final class Steadiness {

  private static final int MOST_KEPT = 4_096;

  private final Direction up;
  private final Direction down;
  private final Deque<Recommended> recommended = new ArrayDeque<>();
  private final Deque<Changed> changed = new ArrayDeque<>();
  private @Nullable Changed pending;
  private boolean begun;

  /** A recommendation, and when it was made. */
  private record Recommended(long atNanos, int replicas) {}

  /** A change of the replicas: what they became, and by how much that was more. */
  private record Changed(long atNanos, int replicas, int by) {}

  /**
   * What a policy recommends.
   *
   * @param replicas null if nothing can be said
   * @param rule in a few words
   * @param inputs in one line
   */
  public record Recommendation(@Nullable Integer replicas, String rule, String inputs) {}

  /** With rules for each direction. */
  public Steadiness(Direction up, Direction down) {
    this.up = up;
    this.down = down;
  }

  /** Decides. */
  public Decision decide(PoolLoad load, Function<PoolLoad, Recommendation> policy) {
    long now = load.atNanos();
    settle(load);
    int current = load.replicas();
    begin(now, current);
    if (current == 0 && load.least() > 0) {
      return new Decision(0, "disabled: 0 replicas, and min is not 0", "0 replicas");
    } else if (current > load.most()) {
      return changed(now, current, load.most(), "above max", current + " replicas");
    } else if (current < load.least()) {
      return changed(now, current, load.least(), "below min", current + " replicas");
    }
    Recommendation wanted = policy.apply(load);
    Integer replicas = wanted.replicas();
    if (replicas == null) {
      return new Decision(current, wanted.rule(), wanted.inputs());
    }
    int steady = stabilised(now, current, replicas);
    int limited = limited(now, load, steady);
    String rule = wanted.rule();
    if (limited != steady) {
      rule = steady > current ? "rate of scale-up, or max" : "rate of scale-down, or min";
    } else if (steady != replicas) {
      rule = replicas < steady ? "scale-down window" : "scale-up window";
    }
    return changed(now, current, limited, rule, wanted.inputs() + ": " + replicas);
  }

  /**
   * Whole members for a demand: those that there are if they are more, or less, by no more than the
   * tolerance.
   *
   * @param members that the demand needs; at least one is recommended
   * @param waits whether requests wait too long: then all that are needed are recommended
   */
  public int tolerated(PoolLoad load, double members, boolean waits) {
    int current = load.replicas();
    int replicas = (int) Math.ceil(Math.max(1, members));
    boolean less = replicas < current && replicas >= current * (1 - down.tolerance());
    boolean more = replicas > current && members <= current * (1 + up.tolerance());
    return less || (more && !waits) ? current : replicas;
  }

  private Decision changed(long now, int current, int replicas, String rule, String inputs) {
    pending = replicas == current ? null : new Changed(now, replicas, replicas - current);
    return new Decision(replicas, rule, inputs);
  }

  /** The replicas at the first decision are the first recommendation: a restart forgets no load. */
  private void begin(long now, int current) {
    if (!begun) {
      begun = true;
      recommended.addLast(new Recommended(now, current));
    }
  }

  /** The last change was made if the load has it. */
  private void settle(PoolLoad load) {
    Changed last = pending;
    if (last != null && last.replicas() == load.replicas()) {
      changed.addLast(last);
    }
    pending = null;
    long longest = Math.max(up.longestNanos(), down.longestNanos());
    while (!changed.isEmpty()
        && (changed.size() > MOST_KEPT
            || changed.getFirst().atNanos() <= load.atNanos() - longest)) {
      changed.removeFirst();
    }
  }

  private int stabilised(long now, int current, int replicas) {
    long upSince = now - up.window().toNanos();
    long downSince = now - down.window().toNanos();
    int upTo = replicas;
    int downTo = replicas;
    for (Recommended old : recommended) {
      upTo = old.atNanos() > upSince ? Math.min(upTo, old.replicas()) : upTo;
      downTo = old.atNanos() > downSince ? Math.max(downTo, old.replicas()) : downTo;
    }
    long oldest = Math.min(upSince, downSince);
    recommended.addLast(new Recommended(now, replicas));
    while (recommended.size() > MOST_KEPT || recommended.getFirst().atNanos() < oldest) {
      recommended.removeFirst();
    }
    return Math.min(Math.max(current, upTo), downTo);
  }

  private int limited(long now, PoolLoad load, int replicas) {
    int current = load.replicas();
    if (replicas > current) {
      int most = bound(now, current, up, Change::up, Math::max, Math::min).orElse(load.most());
      return Math.min(replicas, Math.min(load.most(), Math.max(current, most)));
    } else if (replicas < current) {
      int least =
          bound(now, current, down, Change::down, Math::min, Math::max).orElse(load.least());
      return Math.max(replicas, Math.max(load.least(), Math.min(current, least)));
    }
    return current;
  }

  /** How one bound is computed from the replicas at the start of its period. */
  private interface Bound {
    int of(Change change, int start);
  }

  /** How far the replicas may go; empty if there is no bound. */
  private OptionalInt bound(
      long now,
      int current,
      Direction direction,
      Bound bound,
      IntBinaryOperator most,
      IntBinaryOperator least) {
    return direction.select() == Direction.Select.DISABLED
        ? OptionalInt.of(current)
        : direction.changes().stream()
            .mapToInt(change -> bound.of(change, start(now, current, change.period().toNanos())))
            .reduce(direction.select() == Direction.Select.MAX ? most : least);
  }

  /** The replicas that there were at the start of a period, by the changes since. */
  private int start(long now, int current, long periodNanos) {
    return current
        - changed.stream()
            .filter(change -> change.atNanos() > now - periodNanos)
            .mapToInt(Changed::by)
            .sum();
  }
}
