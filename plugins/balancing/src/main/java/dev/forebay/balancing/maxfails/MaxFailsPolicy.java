package dev.forebay.balancing.maxfails;

import dev.forebay.balancing.fullness.Fullness;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps the times of an endpoint's last failures, as many as it takes to rest it. Answers in
 * between take none away: nginx counts failures within the time, not failures in a row.
 *
 * <p>Failures that come while an endpoint rests are of requests sent before, and are not counted.
 * Nor is the 503 of an endpoint that is full.
 */
final class MaxFailsPolicy implements HealthPolicy {

  private final int maxFails;
  private final long timeoutNanos;
  private final Timeline timeline;
  private final Counter ejections;
  private final Fullness fullness;
  private final Map<String, Failures> failures = new HashMap<>();

  MaxFailsPolicy(MaxFails options, PluginContext context) {
    this.maxFails = options.maxFails();
    this.timeoutNanos = options.failTimeout().toNanos();
    this.timeline = context.timeline();
    this.fullness = new Fullness(context);
    this.ejections = context.counter("ejections");
    context.gauge("tracked", failures::size);
  }

  @Override
  public long finished(Endpoint endpoint, Outcome outcome) {
    if (!fullness.unhealthy(endpoint, outcome) || maxFails == 0) {
      return 0;
    }
    long now = timeline.nanos();
    Failures own = failures.computeIfAbsent(endpoint.id(), unseen -> new Failures(now));
    if (!own.reachLimit(now)) {
      return 0;
    }
    ejections.increment();
    return timeoutNanos;
  }

  @Override
  public void members(List<Endpoint> all) {
    Set<String> ids = new HashSet<>();
    all.forEach(endpoint -> ids.add(endpoint.id()));
    failures.keySet().retainAll(ids);
    fullness.members(all);
  }

  /** The times of an endpoint's last failures. */
  private final class Failures {
    private final ArrayDeque<Long> times = new ArrayDeque<>();
    private long restsUntilNanos;

    Failures(long now) {
      restsUntilNanos = now;
    }

    boolean reachLimit(long now) {
      if (now < restsUntilNanos) {
        return false;
      }
      while (!times.isEmpty() && now - times.getFirst() > timeoutNanos) {
        times.removeFirst();
      }
      times.addLast(now);
      if (times.size() < maxFails) {
        return false;
      }
      times.clear();
      restsUntilNanos = now + timeoutNanos;
      return true;
    }
  }
}
