package dev.forebay.balancing.prefixaffinity;

import dev.forebay.balancing.fullness.Fullness;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Endpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The share of each endpoint's requests that failed, over minutes. A health policy rests an
 * endpoint that fails often. One that fails once in twenty times is better than none, and worse
 * than one that never fails. {@link Endpoint#errorRate} does not tell the two apart: it forgets
 * within seconds.
 */
final class Failures {

  /** What was counted weighs 1/e after this time. */
  private static final double MEMORY_NANOS = 300e9;

  /** Answers that an endpoint is credited with before its first one. */
  private static final double CREDIT = 20;

  private final Timeline timeline;
  private final Fullness fullness;
  private final Map<String, Tally> tallies = new HashMap<>();

  /** Nobody has failed yet. */
  Failures(PluginContext context) {
    this.timeline = context.timeline();
    this.fullness = new Fullness(context);
  }

  /** Counts how a request of an endpoint ended. */
  void finished(Endpoint endpoint, Outcome outcome) {
    boolean failed = fullness.unhealthy(endpoint, outcome);
    if (failed || outcome.status() == Status.OK) {
      tallies
          .computeIfAbsent(endpoint.id(), unseen -> new Tally(timeline.nanos()))
          .count(failed, timeline.nanos());
    }
  }

  /** The share, 0 to 1. */
  double share(Endpoint endpoint) {
    Tally tally = tallies.get(endpoint.id());
    return tally == null ? 0 : tally.share(timeline.nanos());
  }

  /** Forgets endpoints that are not in the list. */
  void members(List<Endpoint> all) {
    Set<String> ids = new HashSet<>();
    all.forEach(endpoint -> ids.add(endpoint.id()));
    tallies.keySet().retainAll(ids);
    fullness.members(all);
  }

  private static final class Tally {
    private long atNanos;
    private double requests;
    private double failed;

    Tally(long now) {
      atNanos = now;
    }

    void count(boolean failure, long now) {
      double left = Math.exp((atNanos - now) / MEMORY_NANOS);
      atNanos = now;
      requests = requests * left + 1;
      failed = failed * left + (failure ? 1 : 0);
    }

    double share(long now) {
      if (failed == 0) {
        return 0;
      }
      double left = Math.exp((atNanos - now) / MEMORY_NANOS);
      return failed * left / (requests * left + CREDIT);
    }
  }
}
