package dev.forebay.balancing.peakewma;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Of a few that are drawn, the one with the least cost: smoothed time to the first content, times
 * requests in flight and this one, over its weight and the share of its requests that go well.
 *
 * <p>Two traps are avoided. A request that ended without content is a lower bound on the time it
 * would have taken, and raises the average like a peak: silence must not look fast. And the average
 * fades with time only while nothing is under way, so that an endpoint is tried again; of a busy
 * one that answers nothing no news is no good news. While one of two has no sample, both are
 * compared by requests in flight alone.
 */
final class PeakEwmaBalancer implements Balancer {

  private static final double MOST_ERRORS = 0.99;

  private final double decayNanos;
  private final int choices;
  private final long penaltyNanos;
  private final Timeline timeline;
  private final RandomGenerator random;
  private final IdentityHashMap<Endpoint, Average> averages = new IdentityHashMap<>();

  PeakEwmaBalancer(PeakEwma options, PluginContext context) {
    this.decayNanos = options.decay().toNanos();
    this.choices = options.choices();
    this.penaltyNanos = options.penalty().toNanos();
    this.timeline = context.timeline();
    this.random = context.random();
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    int size = candidates.size();
    int drawn = Math.min(choices, size);
    int first = random.nextInt(size);
    Endpoint best = candidates.get(first);
    for (int i = 1; i < drawn; i++) {
      // the others evenly among those that are left, without a list of them: a stride
      int skip = drawn == size ? i : 1 + random.nextInt(size - 1);
      Endpoint other = candidates.get((first + skip) % size);
      best = better(other, best) ? other : best;
    }
    return best;
  }

  private boolean better(Endpoint one, Endpoint other) {
    double mine = nanos(one);
    double theirs = nanos(other);
    boolean both = mine > 0 && theirs > 0;
    return both ? mine * load(one) < theirs * load(other) : load(one) < load(other);
  }

  private static double load(Endpoint endpoint) {
    double good = 1 - Math.min(MOST_ERRORS, endpoint.errorRate());
    return (endpoint.inFlight() + 1.0) / endpoint.weight() / good;
  }

  /** The smoothed time; 0 where nothing is known. */
  private double nanos(Endpoint endpoint) {
    Average average = averages.get(endpoint);
    if (average == null || average.nanos == 0) {
      return endpoint.firstContentNanos();
    }
    return endpoint.inFlight() > 0
        ? average.nanos
        : Math.max(1, average.nanos * fade(average, timeline.nanos()));
  }

  private double fade(Average average, long now) {
    return Math.exp((average.atNanos - now) / decayNanos);
  }

  @Override
  public void finished(Endpoint endpoint, RequestInfo request, Outcome outcome) {
    Average average = averages.get(endpoint);
    if (average != null) {
      long sample = outcome.timings().timeToFirstContentNanos();
      if (bad(outcome.status())) {
        average.peak(Math.max(penaltyNanos, outcome.timings().durationNanos()), timeline.nanos());
      } else if (sample >= 0) {
        average.learn(Math.max(1, sample), timeline.nanos());
      } else if (outcome.status() == Status.CANCELLED) {
        average.peak(outcome.timings().durationNanos(), timeline.nanos());
      }
    }
  }

  /** Endings that are quick only because nothing was done. */
  private static boolean bad(Status status) {
    return status.unhealthy() || status.signal() == Status.Signal.CONGESTION;
  }

  @Override
  public void members(List<Endpoint> all) {
    Set<Endpoint> now = new HashSet<>(all);
    averages.keySet().removeIf(endpoint -> !now.contains(endpoint));
    all.forEach(endpoint -> averages.computeIfAbsent(endpoint, joined -> new Average()));
  }

  /** An average that a peak raises at once. */
  private final class Average {
    private double nanos;
    private long atNanos;

    void learn(double sample, long now) {
      double old = nanos == 0 ? 1 : fade(this, now);
      nanos = sample > nanos ? sample : nanos * old + sample * (1 - old);
      atNanos = now;
    }

    void peak(double sample, long now) {
      if (sample > nanos) {
        nanos = sample;
        atNanos = now;
      }
    }
  }
}
