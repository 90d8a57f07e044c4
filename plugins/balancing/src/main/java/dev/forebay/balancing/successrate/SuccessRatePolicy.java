package dev.forebay.balancing.successrate;

import dev.forebay.balancing.fullness.Fullness;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts answers and failures of each endpoint in a window of two halves, and compares an endpoint
 * that fails with all others together. Envoy compares with the mean less 1.9 standard deviations,
 * which needs five hosts to mean anything; a fixed margin works from two on.
 */
final class SuccessRatePolicy implements HealthPolicy {

  private final SuccessRate options;
  private final long halfNanos;
  private final Timeline timeline;
  private final Counter ejections;
  private final Fullness fullness;
  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private int members;

  SuccessRatePolicy(SuccessRate options, PluginContext context) {
    this.options = options;
    this.halfNanos = options.window().toNanos() / 2;
    this.timeline = context.timeline();
    this.fullness = new Fullness(context);
    this.ejections = context.counter("ejections");
    context.gauge("tracked", tallies::size);
  }

  @Override
  public long finished(Endpoint endpoint, Outcome outcome) {
    boolean bad = fullness.unhealthy(endpoint, outcome);
    if (!bad && outcome.status() != Status.OK) {
      return 0;
    }
    long now = timeline.nanos();
    Tally own = tallies.computeIfAbsent(endpoint.id(), unseen -> new Tally(now));
    own.roll(now);
    if (now < own.restsUntilNanos) {
      return 0; // of a request sent before it rested
    }
    own.count(bad);
    if (!bad || own.requests() < options.minRequests() || !outlier(own, now)) {
      return 0;
    }
    ejections.increment();
    return own.rest(now);
  }

  private boolean outlier(Tally own, long now) {
    long requests = 0;
    long good = 0;
    for (Tally other : tallies.values()) {
      if (other != own) {
        other.roll(now);
        requests += other.requests();
        good += other.good();
      }
    }
    if (Math.max(members, tallies.size()) <= 1) {
      return (double) own.good() / own.requests() < 1 - options.margin();
    }
    // What the others have not been asked speaks for nobody: else an outage of all, in a pool with
    // few requests, would be the fault of each in turn.
    double others = (double) good / Math.max(requests, options.minRequests());
    return (double) own.good() / own.requests() < others - options.margin();
  }

  @Override
  public void members(List<Endpoint> all) {
    Set<String> ids = new HashSet<>();
    all.forEach(endpoint -> ids.add(endpoint.id()));
    tallies.keySet().retainAll(ids);
    fullness.members(all);
    members = ids.size();
  }

  /** What an endpoint did in this half of the window and the one before. */
  private final class Tally {
    private long halfBeganNanos;
    private long good;
    private long bad;
    private long goodBefore;
    private long badBefore;
    private long restsUntilNanos;
    private int rests;

    Tally(long now) {
      halfBeganNanos = now;
      restsUntilNanos = now;
    }

    void roll(long now) {
      long halves = (now - halfBeganNanos) / Math.max(1, halfNanos);
      if (halves == 0) {
        return;
      }
      goodBefore = halves == 1 ? good : 0;
      badBefore = halves == 1 ? bad : 0;
      good = 0;
      bad = 0;
      halfBeganNanos += halves * Math.max(1, halfNanos);
    }

    void count(boolean failed) {
      if (failed) {
        bad++;
      } else {
        good++;
      }
    }

    long good() {
      return good + goodBefore;
    }

    long requests() {
      return good() + bad + badBefore;
    }

    long rest(long now) {
      long base = options.baseCooldown().toNanos();
      long longest = options.maxCooldown().toNanos();
      rests = now - restsUntilNanos > longest ? 1 : Math.min(rests + 1, Integer.MAX_VALUE - 1);
      long nanos = rests > longest / base ? longest : base * rests;
      restsUntilNanos = now + nanos;
      good = 0;
      bad = 0;
      goodBefore = 0;
      badBefore = 0;
      return nanos;
    }
  }
}
