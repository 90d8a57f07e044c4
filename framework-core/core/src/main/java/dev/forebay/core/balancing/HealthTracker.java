package dev.forebay.core.balancing;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What outcomes and probes mean for a pool's endpoints and accounts: a failure may cool its
 * endpoint down, by the health policy or by a {@code Retry-After}; one of the account concerns all
 * its endpoints; a trial that is answered ends the doubt about an endpoint, one that fails doubles
 * its cooldown.
 */
final class HealthTracker {

  private static final Logger LOG = LoggerFactory.getLogger(HealthTracker.class);

  private final HealthPolicy policy;
  private final long maxCooldownNanos;
  private final Candidates candidates;
  private final Timeline timeline;
  private final String name;
  private final PluginErrors errors;
  private final Accounts accounts = new Accounts();
  private final Counter cooldowns;
  private final Counter trialsPassed;
  private final Counter trialsFailed;
  private final Counter probedDown;

  HealthTracker(
      HealthPolicy policy,
      Duration maxCooldown,
      Candidates candidates,
      PluginContext context,
      PluginErrors errors) {
    this.policy = policy;
    this.maxCooldownNanos = maxCooldown.toNanos();
    this.candidates = candidates;
    this.timeline = context.timeline();
    this.name = context.name();
    this.errors = errors;
    this.cooldowns = context.counter("cooldowns");
    this.trialsPassed = context.counter("trials_passed");
    this.trialsFailed = context.counter("trials_failed");
    this.probedDown = context.counter("probed_down");
  }

  Accounts accounts() {
    return accounts;
  }

  /** The members changed. */
  void members(List<Endpoint> all) {
    try {
      policy.members(all);
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
  }

  /** A new endpoint shares what its account has to wait for. */
  void joined(EndpointState endpoint) {
    long until = endpoint.spent().throttledUntilNanos();
    long now = timeline.nanos();
    if (until > now) {
      endpoint.health().coolDown(until, "throttled", now);
    }
  }

  /** A request is over. */
  void finished(
      EndpointState endpoint,
      Outcome outcome,
      boolean trial,
      List<EndpointState> members,
      long now) {
    Failure failure = outcome.failure();
    if (outcome.status() == Status.ACCOUNT_OUT && failure != null) {
      long wait = failure.retryAfterNanos();
      if (wait > 0) {
        endpoint.spent().doubt(now + Math.min(wait, maxCooldownNanos));
      } else {
        endpoint.spent().takeOut(failure.reason(), now);
        candidates.invalidate();
      }
    }
    if (endpoint.removed()) {
      return; // its state was let go, and must not come back
    }
    if (outcome.status() == Status.THROTTLED) {
      endpoint.spent().refused(now);
    } else if (outcome.status() == Status.OK) {
      endpoint.spent().answered(now);
    }
    String reason = reason(endpoint, failure, now);
    byPolicy(endpoint, outcome, trial, reason, now);
    if (failure == null
        || !outcome.status().retryable()
        || outcome.status() == Status.ACCOUNT_OUT) {
      return;
    }
    long wait = failure.retryAfterNanos();
    if (outcome.status() == Status.THROTTLED) {
      throttle(endpoint.spent(), wait, reason, now, members);
    } else {
      told(endpoint, wait, reason, now);
      warmUpAfter(endpoint, wait);
    }
  }

  /** Why an endpoint may have to rest. What is told to operators alone is logged as well. */
  private String reason(EndpointState endpoint, @Nullable Failure failure, long now) {
    if (failure == null) {
      return "health";
    }
    String detail = failure.detail();
    if (detail == null) {
      return failure.reason();
    }
    String reason = failure.reason() + ": " + detail;
    if (endpoint.health().tellsOf(reason, now)) {
      LOG.warn("{}: endpoint {}: {}", name, endpoint.id(), reason);
    }
    return reason;
  }

  private void byPolicy(
      EndpointState endpoint, Outcome outcome, boolean trial, String reason, long now) {
    long nanos = 0;
    try {
      nanos = policy.finished(endpoint, outcome);
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
    Health health = endpoint.health();
    // Of several trials that fail the first one doubles the cooldown, for all of them.
    boolean failed =
        trial && outcome.status().unhealthy() && health.halfOpen() && !health.cooling(now);
    if (failed) {
      trialsFailed.increment();
      nanos = Math.max(nanos, health.afterFailedTrial(maxCooldownNanos));
    }
    if (nanos > 0) {
      long bounded = Math.min(nanos, maxCooldownNanos);
      coolDown(endpoint, bounded, failed ? "trial failed: " + reason : reason, now);
      health.judged(bounded); // after it: what is half-open already is out since earlier
      warmUpAfter(endpoint, bounded);
    }
  }

  /** The limit is the account's: all its endpoints wait. */
  private void throttle(
      Accounts.Account account, long nanos, String reason, long now, List<EndpointState> members) {
    if (nanos <= 0) {
      return;
    }
    account.throttle(now + Math.min(nanos, maxCooldownNanos));
    for (EndpointState member : members) {
      if (member.spent() == account) {
        told(member, nanos, reason, now);
      }
    }
  }

  private void coolDown(EndpointState endpoint, long nanos, String reason, long now) {
    if (nanos > 0) {
      cooldowns.increment();
      endpoint.health().coolDown(now + Math.min(nanos, maxCooldownNanos), reason, now);
      candidates.invalidate();
    }
  }

  private void told(EndpointState endpoint, long nanos, String reason, long now) {
    if (nanos > 0) {
      cooldowns.increment();
      endpoint.health().wait(now + Math.min(nanos, maxCooldownNanos), reason, now);
      candidates.invalidate();
    }
  }

  private static void warmUpAfter(EndpointState endpoint, long nanos) {
    if (nanos > 0) {
      endpoint.warmUp(endpoint.health().cooldownUntilNanos());
    }
  }

  /** A trial was answered, or a request that was sent although the endpoint was cooling down. */
  void passed(EndpointState endpoint) {
    if (endpoint.health().halfOpen() && !endpoint.removed()) {
      trialsPassed.increment();
      endpoint.health().passed(timeline.nanos());
      endpoint.warmUp(timeline.nanos());
      candidates.invalidate();
    }
  }

  /**
   * One has answered while cooldowns were ignored: whatever took all of them out is over, so the
   * others are tried at once. Otherwise all work would go to the first that is back. It speaks for
   * those that were used with it: of its group, and as to the request's model.
   */
  void panicIsOver(EndpointState answered, String model, List<EndpointState> members) {
    long now = timeline.nanos();
    for (EndpointState member : members) {
      if (member.group() == answered.group() && member.offers(model) == answered.offers(model)) {
        member.health().tryAgain(now);
      }
    }
    candidates.invalidate();
  }

  /**
   * A prober has decided.
   *
   * @param why the endpoint is down; null where it is up
   */
  void probed(EndpointState endpoint, @Nullable String why) {
    long now = timeline.nanos();
    if (why != null) {
      probedDown.increment();
      endpoint.health().down(why, now);
    } else if (endpoint.health().up(now)) {
      endpoint.warmUp(now);
    }
    candidates.invalidate();
  }
}
