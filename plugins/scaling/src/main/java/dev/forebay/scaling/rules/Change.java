package dev.forebay.scaling.rules;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import java.time.Duration;

/**
 * How much the number of replicas may change within some time (Kubernetes: a scaling policy).
 *
 * @param by whether the value is a number of members or a share of them
 * @param value members, or percent of the members at the start of the period
 * @param period within which the changes so far count
 */
@Doc("How much the number of replicas may change within some time.")
public record Change(
    @Doc("What the value is: members, or percent of those at the start of the period.") By by,
    @Doc("Members, or percent.") @Range(min = 1, max = 100_000) int value,
    @Doc("Time within which the changes so far count.") @Default("15s") @Range(min = 1, max = 1800)
        Duration period) {

  /** What a value is. */
  public enum By {
    /** Members. */
    MEMBERS,
    /** Percent of the members at the start of the period. */
    PERCENT
  }

  /** The most replicas that it allows, from those at the start of the period; rounded up. */
  int up(int start) {
    return by == By.MEMBERS
        ? start + value
        : (int) Math.min(Integer.MAX_VALUE, Math.ceil(start * (1 + value / 100.0)));
  }

  /** The least replicas that it allows, from those at the start of the period; rounded down. */
  int down(int start) {
    return by == By.MEMBERS ? start - value : (int) (start * (1 - value / 100.0));
  }
}
