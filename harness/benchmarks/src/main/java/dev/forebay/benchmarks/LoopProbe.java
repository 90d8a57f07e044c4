package dev.forebay.benchmarks;

import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long event loops keep a task waiting that is due each millisecond: in time that passed, and
 * in processor time of the loop, which other work on the machine does not change.
 */
final class LoopProbe {

  private final AtomicLong longest = new AtomicLong();
  private final AtomicLong longestCpu = new AtomicLong();

  private LoopProbe() {}

  /** Watches all event loops of an instance until it is closed. */
  static LoopProbe watch(Vertx vertx) {
    LoopProbe probe = new LoopProbe();
    for (EventExecutor loop : ((VertxInternal) vertx).nettyEventLoopGroup()) {
      probe.watch(loop);
    }
    return probe;
  }

  private void watch(EventExecutor loop) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    AtomicLong last = new AtomicLong(System.nanoTime());
    AtomicLong lastCpu = new AtomicLong(Long.MAX_VALUE);
    loop.scheduleAtFixedRate(
        () -> {
          long now = System.nanoTime();
          long cpu = threads.getCurrentThreadCpuTime();
          longest.accumulateAndGet(now - last.getAndSet(now) - 1_000_000, Math::max);
          longestCpu.accumulateAndGet(cpu - lastCpu.getAndSet(cpu), Math::max);
        },
        1,
        1,
        TimeUnit.MILLISECONDS);
  }

  /** Forgets what was measured so far. */
  void reset() {
    longest.set(0);
    longestCpu.set(0);
  }

  /** The longest delay of the task since the reset, in milliseconds. */
  double delayMillis() {
    return longest.get() / 1e6;
  }

  /** The most processor time between two runs of the task since the reset, in milliseconds. */
  double cpuMillis() {
    return longestCpu.get() / 1e6;
  }
}
