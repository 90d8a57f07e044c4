package dev.forebay.balancing.consecutivefailures;

import dev.forebay.balancing.fullness.Fullness;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts unhealthy outcomes in a row. An answer ends the row and the doubling; outcomes that say
 * nothing about the endpoint (cancelled, the caller's fault) do neither. A long time without a
 * failure ends both too, so that a failure a day never comes to a row.
 *
 * <p>Failures that come while an endpoint rests are of requests sent before, and are not counted:
 * else fifty requests that fail at once would double the pause ten times. Nor is the 503 of a full
 * endpoint: rest would take its capacity away at the moment at which all of it is needed.
 */
final class ConsecutiveFailuresPolicy implements HealthPolicy {

  private final int failures;
  private final long baseNanos;
  private final long maxNanos;
  private final long forgetNanos;
  private final Timeline timeline;
  private final Counter ejections;
  private final Map<String, Standing> standings = new HashMap<>();
  private final Fullness fullness;

  ConsecutiveFailuresPolicy(ConsecutiveFailures options, PluginContext context) {
    this.failures = options.failures();
    this.baseNanos = options.baseCooldown().toNanos();
    this.maxNanos = options.maxCooldown().toNanos();
    this.forgetNanos = options.forgetAfter().toNanos();
    this.timeline = context.timeline();
    this.fullness = new Fullness(context);
    this.ejections = context.counter("ejections");
    context.gauge("tracked", standings::size);
  }

  @Override
  public long finished(Endpoint endpoint, Outcome outcome) {
    if (outcome.status() == Status.OK) {
      standings.remove(endpoint.id());
    }
    return fullness.unhealthy(endpoint, outcome) ? failed(endpoint.id()) : 0;
  }

  @Override
  public void members(List<Endpoint> all) {
    Set<String> ids = new HashSet<>();
    all.forEach(endpoint -> ids.add(endpoint.id()));
    standings.keySet().retainAll(ids);
    fullness.members(all);
  }

  private long failed(String id) {
    Standing standing = standings.computeIfAbsent(id, unseen -> new Standing());
    long now = timeline.nanos();
    if (standing.resting(now)) {
      return 0;
    }
    if (now - standing.lastFailureNanos >= forgetNanos) {
      standing.forget();
    }
    standing.lastFailureNanos = now;
    if (++standing.inARow < failures) {
      return 0;
    }
    ejections.increment();
    return standing.rest(now);
  }

  /** An endpoint's failures since its last answer; endpoints in good health have none. */
  private final class Standing {
    private int inARow;
    private long lastFailureNanos = timeline.nanos();
    private long restsUntilNanos = lastFailureNanos;
    private long nextRestNanos = baseNanos;

    boolean resting(long now) {
      return now - restsUntilNanos < 0;
    }

    void forget() {
      inARow = 0;
      nextRestNanos = baseNanos;
    }

    long rest(long now) {
      long restNanos = nextRestNanos;
      inARow = 0;
      restsUntilNanos = now + restNanos;
      lastFailureNanos = restsUntilNanos;
      nextRestNanos = restNanos > maxNanos / 2 ? maxNanos : restNanos * 2;
      return restNanos;
    }
  }
}
