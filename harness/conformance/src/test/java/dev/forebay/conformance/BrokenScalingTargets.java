package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;

/** A scaling target that breaks each rule. */
final class BrokenScalingTargets {

  private BrokenScalingTargets() {}

  /** Only grows. */
  static final class T1 implements ScalingTargetContract {
    @Override
    public Plugin<ScalingTarget> plugin() {
      return ReferenceTarget.plugin(
          context ->
              new ReferenceTarget(() -> false) {
                @Override
                int keeps(int replicas) {
                  return Math.max(kept, replicas);
                }
              });
    }
  }

  /** Takes an order for one more of what it has if it has as many. */
  static final class T2 implements ScalingTargetContract {
    @Override
    public Plugin<ScalingTarget> plugin() {
      return ReferenceTarget.plugin(
          context ->
              new ReferenceTarget(() -> false) {
                @Override
                int keeps(int replicas) {
                  return kept == replicas ? replicas + 1 : replicas;
                }
              });
    }
  }

  /** Remembers an order that failed. */
  static final class T3 implements ScalingTargetContract {
    private boolean broken;

    @Override
    public Plugin<ScalingTarget> plugin() {
      return ReferenceTarget.plugin(
          context ->
              new ReferenceTarget(() -> broken) {
                @Override
                public Future<Void> scale(int replicas, List<String> leaving) {
                  kept = replicas;
                  return super.scale(replicas, leaving);
                }
              });
    }

    @Override
    public boolean broken(boolean now) {
      broken = now;
      return true;
    }
  }

  /** Can be closed once. */
  static final class T4 implements ScalingTargetContract {
    @Override
    public Plugin<ScalingTarget> plugin() {
      return ReferenceTarget.plugin(
          context ->
              new ReferenceTarget(() -> false) {
                private boolean closed;

                @Override
                public Future<Void> close() {
                  if (closed) {
                    return Future.failedFuture("closed before");
                  }
                  closed = true;
                  return Future.succeededFuture();
                }
              });
    }
  }

  /** A target that holds every rule. */
  static final class Good implements ScalingTargetContract {
    private boolean broken;

    @Override
    public Plugin<ScalingTarget> plugin() {
      return ReferenceTarget.plugin(context -> new ReferenceTarget(() -> broken));
    }

    @Override
    public boolean broken(boolean now) {
      broken = now;
      return true;
    }
  }
}
