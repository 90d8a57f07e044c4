package dev.forebay.spi.policy;

import dev.forebay.spi.Named;

/**
 * Decides how many members a pool should have. Synchronous; it is asked at regular intervals, on
 * the gateway's timeline, and is told what became of its last decision: {@link
 * PoolLoad#replicas()}. What it decides is kept within the bounds of the pool by the autoscaler.
 */
@Named("scaling policy")
public interface ScalingPolicy {

  /** Decides. A load that says nothing is answered with the replicas that there are. */
  Decision decide(PoolLoad load);

  /**
   * What was decided.
   *
   * @param replicas members that are to serve, at least 0
   * @param rule that decided, in a few words, such as {@code scale-down window}
   * @param inputs the figures that it was made of, in one line for a person
   */
  record Decision(int replicas, String rule, String inputs) {

    /** Checks. */
    public Decision {
      if (replicas < 0) {
        throw new IllegalArgumentException("replicas: " + replicas + " (expected: at least 0)");
      }
    }
  }
}
