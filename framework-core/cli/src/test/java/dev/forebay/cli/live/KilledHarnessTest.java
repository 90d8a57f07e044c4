package dev.forebay.cli.live;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** A live comparison that is killed while its processes run. */
final class KilledHarnessTest {

  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(120);

  @Test
  void leavesNoProcessesBehind() throws Exception {
    List<ProcessHandle> children;
    try (Child harness =
        new Child("compare", "fidelity", "--mode=live", "--combination=baseline")) {
      children = upstreamGatewayAndClient(harness);
    }
    for (ProcessHandle child : children) {
      child.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  private static List<ProcessHandle> upstreamGatewayAndClient(Child harness) throws Exception {
    long end = System.nanoTime() + LONGEST_NANOS;
    List<ProcessHandle> children = harness.children();
    while (children.size() < 3) {
      if (System.nanoTime() > end) {
        throw new TimeoutException(children.size() + " of 3 processes");
      }
      Thread.sleep(20);
      children = harness.children();
    }
    return children;
  }
}
