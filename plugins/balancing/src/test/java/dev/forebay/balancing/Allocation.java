package dev.forebay.balancing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Memory that the current thread allocates. */
public final class Allocation {

  private static final int WARM_UP = 20_000;

  private Allocation() {}

  /** Runs an action often, and says how many bytes it allocated per run, rounded down. */
  public static long bytesPerRun(int runs, Runnable action) {
    for (int i = 0; i < WARM_UP; i++) {
      action.run();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < runs; i++) {
      action.run();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / runs;
  }
}
