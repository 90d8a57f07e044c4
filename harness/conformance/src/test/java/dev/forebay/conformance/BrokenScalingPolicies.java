package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.PoolLoad.MemberLoad;
import dev.forebay.spi.policy.PoolLoad.State;
import dev.forebay.spi.policy.ScalingPolicy;

/** A scaling policy that breaks each rule. */
final class BrokenScalingPolicies {

  private BrokenScalingPolicies() {}

  /** Knows no bounds. */
  static final class S1 implements ScalingPolicyContract {
    @Override
    public Plugin<ScalingPolicy> plugin() {
      return ReferenceScaling.plugin(
          context ->
              new ReferenceScaling() {
                @Override
                int bounded(PoolLoad load, int replicas) {
                  return replicas;
                }
              });
    }
  }

  /** Takes no figure for no load. */
  static final class S2 implements ScalingPolicyContract {
    @Override
    public Plugin<ScalingPolicy> plugin() {
      return ReferenceScaling.plugin(
          context ->
              new ReferenceScaling() {
                @Override
                int unknown(PoolLoad load) {
                  return load.replicas() - 1;
                }
              });
    }
  }

  /** Adds a member while anybody waits. */
  @AlsoFails("S4")
  static final class S3 implements ScalingPolicyContract {
    @Override
    public Plugin<ScalingPolicy> plugin() {
      return ReferenceScaling.plugin(
          context ->
              new ReferenceScaling() {
                @Override
                int needed(PoolLoad load, double arrivals) {
                  Integer waiting = load.traffic().waiting();
                  return waiting != null && waiting > 0
                      ? load.replicas() + 1
                      : super.needed(load, arrivals);
                }
              });
    }
  }

  /** Gives up a member as soon as it can, and takes it back. */
  static final class S4 implements ScalingPolicyContract {
    @Override
    public Plugin<ScalingPolicy> plugin() {
      return ReferenceScaling.plugin(
          context ->
              new ReferenceScaling() {
                private boolean more;

                @Override
                int needed(PoolLoad load, double arrivals) {
                  more = !more;
                  return super.needed(load, arrivals) + (more ? 1 : 0);
                }
              });
    }
  }

  /** Believes that new members are full. */
  static final class S5 implements ScalingPolicyContract {
    @Override
    public Plugin<ScalingPolicy> plugin() {
      return ReferenceScaling.plugin(
          context ->
              new ReferenceScaling() {
                @Override
                int needed(PoolLoad load, double arrivals) {
                  long full =
                      load.members().stream()
                          .filter(member -> member.state() == State.COMING && isFull(member))
                          .count();
                  return super.needed(load, arrivals) + (int) full;
                }
              });
    }

    private static boolean isFull(MemberLoad member) {
      PoolLoad.Figure cpu = member.cpu();
      return cpu != null && cpu.value() > 1;
    }
  }

  /** Steps from the members that there are, and so never from none. */
  static final class S6 implements ScalingPolicyContract {
    @Override
    public Plugin<ScalingPolicy> plugin() {
      return ReferenceScaling.plugin(
          context ->
              new ReferenceScaling() {
                @Override
                int needed(PoolLoad load, double arrivals) {
                  return load.replicas() == 0 ? 0 : super.needed(load, arrivals);
                }
              });
    }
  }

  /** Gives no reasons. */
  static final class S7 implements ScalingPolicyContract {
    @Override
    public Plugin<ScalingPolicy> plugin() {
      return ReferenceScaling.plugin(
          context -> load -> new ScalingPolicy.Decision(replicas(load), "", ""));
    }

    private static int replicas(PoolLoad load) {
      return new ReferenceScaling().decide(load).replicas();
    }
  }

  /** A policy that holds every rule. */
  static final class Good implements ScalingPolicyContract {
    @Override
    public Plugin<ScalingPolicy> plugin() {
      return ReferenceScaling.plugin(context -> new ReferenceScaling());
    }
  }
}
