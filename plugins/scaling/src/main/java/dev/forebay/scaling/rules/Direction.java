package dev.forebay.scaling.rules;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import java.time.Duration;
import java.util.List;

/**
 * How the number of replicas may change in one direction (Kubernetes: scaling rules).
 *
 * @param tolerance how far the ratio of a metric to its target may be from 1 without effect
 * @param window of which the most cautious recommendation counts: the least on the way up, the
 *     highest on the way down
 * @param changes bounds on the rate; empty for none
 * @param select which of them holds
 */
@Doc("How the number of replicas may change in one direction.")
public record Direction(
    @Doc("How far a metric may be from its target without effect, as a share of it.")
        @Default("0.1")
        @Range(min = 0, max = 10)
        double tolerance,
    @Doc("Time of which the most cautious recommendation counts.")
        @Default("0s")
        @Range(min = 0, max = 3600)
        Duration window,
    @Doc("Bounds on the rate of change; none if empty.") @Default("[]") List<Change> changes,
    @Doc("Which bound holds: that of the most change, of the least, or no change at all.")
        @Default("max")
        Select select) {

  /** Copies. */
  public Direction {
    changes = List.copyOf(changes);
  }

  /** Which of several bounds holds. */
  public enum Select {
    /** The one that allows the most change. */
    MAX,
    /** The one that allows the least change. */
    MIN,
    /** None: nothing changes in this direction. */
    DISABLED
  }

  /** The longest period of a bound, in nanoseconds. */
  long longestNanos() {
    return changes.stream().mapToLong(change -> change.period().toNanos()).max().orElse(0);
  }
}
