package dev.forebay.scaling.rules;

import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.PoolLoad.MemberLoad;
import dev.forebay.spi.policy.PoolLoad.Traffic;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A figure that the load of a pool is told by. */
public enum Metric {
  /** Used share of each member's CPU. */
  CPU,
  /** Used share of each member's memory. */
  MEMORY,
  /** Requests per second that come to the pool. */
  REQUESTS_PER_SECOND,
  /** How long the request that came first has waited, in seconds. */
  WAIT,
  /** Tokens of the requests that wait. */
  WAITING_TOKENS,
  /** Smoothed time to the first content, in seconds. */
  FIRST_CONTENT,
  /** Requests under way: no policy takes it. */
  IN_FLIGHT;

  /** A member's figure; null if it is not known, or the metric is one of the pool. */
  public @Nullable Figure of(MemberLoad member) {
    return switch (this) {
      case CPU -> member.cpu();
      case MEMORY -> member.memory();
      default -> null;
    };
  }

  /** The pool's figure; null if it is not known, or the metric is one of the members. */
  public @Nullable Double of(Traffic traffic) {
    Long tokens = traffic.waitingTokens();
    return switch (this) {
      case REQUESTS_PER_SECOND -> traffic.arrivals();
      case WAIT -> traffic.waitSeconds();
      case WAITING_TOKENS -> tokens == null ? null : Double.valueOf(tokens);
      case FIRST_CONTENT -> traffic.firstContentSeconds();
      case CPU, MEMORY, IN_FLIGHT -> null;
    };
  }

  /**
   * Refuses a metric that is not one of some.
   *
   * @throws IllegalArgumentException naming those, and why a figure with a ceiling is none of them
   */
  public void require(Metric... allowed) {
    List<Metric> all = Arrays.asList(allowed);
    if (!all.contains(this)) {
      String expected = all.stream().map(Metric::toString).collect(Collectors.joining(", "));
      String why =
          this == IN_FLIGHT
              ? "; requests in flight end at the servers' slots, so they may never reach a target"
              : "";
      throw new IllegalArgumentException(
          "metric: %s (expected: %s%s)".formatted(this, expected, why));
    }
  }

  /** As configurations write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
