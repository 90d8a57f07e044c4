package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.util.List;

/** A health policy that breaks each rule. */
final class BrokenHealthPolicies {

  private BrokenHealthPolicies() {}

  /** Holds a caller's fault against the endpoint. */
  static final class H1 implements HealthPolicyContract {
    @Override
    public Plugin<HealthPolicy> plugin() {
      return ReferenceHealth.plugin(
          context ->
              new ReferenceHealth(context) {
                @Override
                boolean counts(Outcome outcome) {
                  return outcome.failure() != null;
                }
              });
    }
  }

  /** Never objects. */
  static final class H2 implements HealthPolicyContract {
    @Override
    public Plugin<HealthPolicy> plugin() {
      return ReferenceHealth.plugin(context -> (endpoint, outcome) -> 0);
    }
  }

  /** Doubles its cooldowns without end. */
  static final class H3 implements HealthPolicyContract {
    @Override
    public Plugin<HealthPolicy> plugin() {
      return ReferenceHealth.plugin(
          context ->
              new ReferenceHealth(context) {
                @Override
                long cooldown(int trips) {
                  return WINDOW_NANOS << trips;
                }
              });
    }
  }

  /** Judges accounts, whoever answered. */
  static final class H4 implements HealthPolicyContract {
    @Override
    public Plugin<HealthPolicy> plugin() {
      return ReferenceHealth.plugin(
          context ->
              new ReferenceHealth(context) {
                @Override
                public long finished(Endpoint endpoint, Outcome outcome) {
                  super.finished(endpoint, outcome);
                  Failures account = failures(endpoint);
                  return account.count >= 3 ? WINDOW_NANOS : 0;
                }

                @Override
                Failures failures(Endpoint endpoint) {
                  return failures.computeIfAbsent(endpoint.account(), id -> new Failures());
                }
              });
    }
  }

  /** Forgets no failure. */
  static final class H5 implements HealthPolicyContract {
    @Override
    public Plugin<HealthPolicy> plugin() {
      return ReferenceHealth.plugin(
          context ->
              new ReferenceHealth(context) {
                @Override
                long windowNanos() {
                  return Long.MAX_VALUE;
                }
              });
    }
  }

  /** Holds against a new endpoint what one of its name did. */
  static final class H6 implements HealthPolicyContract {
    @Override
    public Plugin<HealthPolicy> plugin() {
      return ReferenceHealth.plugin(
          context ->
              new ReferenceHealth(context) {
                @Override
                public void members(List<Endpoint> all) {
                  if (failures.size() > 100) {
                    failures.clear();
                  }
                }
              });
    }
  }

  /** Expects to know every endpoint. */
  static final class H7 implements HealthPolicyContract {
    @Override
    public Plugin<HealthPolicy> plugin() {
      return ReferenceHealth.plugin(
          context ->
              new ReferenceHealth(context) {
                @Override
                Failures failures(Endpoint endpoint) {
                  Failures known = failures.get(endpoint.id());
                  if (known == null) {
                    throw new IllegalStateException("no such endpoint: " + endpoint);
                  }
                  return known;
                }

                @Override
                public void members(List<Endpoint> all) {
                  super.members(all);
                  all.forEach(super::failures);
                }
              });
    }
  }

  /** A policy that holds every rule. */
  static final class Good implements HealthPolicyContract {
    @Override
    public Plugin<HealthPolicy> plugin() {
      return ReferenceHealth.plugin(ReferenceHealth::new);
    }
  }
}
