package dev.forebay.core.limiting;

import dev.forebay.spi.RequestInfo;

/**
 * Which classes of requests have no chance: they wait, and more urgent requests that came later are
 * admitted. A class counts from its first request that waits after one of its own or of a less
 * urgent class was admitted. In a queue that is first come, first served no class is overtaken.
 */
final class Overtaking {

  private static final int CLASSES = RequestInfo.LEAST_PRIORITY + 1;
  private static final long NEVER = Long.MIN_VALUE;

  private final long[] waitingSince = new long[CLASSES];
  private final boolean[] overtaken = new boolean[CLASSES];

  Overtaking() {
    admitted(RequestInfo.LEAST_PRIORITY, 0);
  }

  /** A request of a class begins to wait. */
  void waits(int priority, long nowNanos) {
    if (waitingSince[priority] == NEVER) {
      waitingSince[priority] = nowNanos;
    }
  }

  /** A request of a class is admitted that came at a time. */
  void admitted(int priority, long cameNanos) {
    for (int i = 0; i < CLASSES; i++) {
      if (i <= priority) {
        waitingSince[i] = NEVER;
        overtaken[i] = false;
      } else if (waitingSince[i] != NEVER && waitingSince[i] < cameNanos) {
        overtaken[i] = true;
      }
    }
  }

  /** Whether a class has been overtaken for so long without one of its own admitted. */
  boolean lasts(int priority, long nowNanos, long nanos) {
    return overtaken[priority] && nowNanos - waitingSince[priority] >= nanos;
  }
}
