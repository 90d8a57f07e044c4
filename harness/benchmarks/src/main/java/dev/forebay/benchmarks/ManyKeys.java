package dev.forebay.benchmarks;

import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.spi.Caller;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;

/** A token bucket for each of very many addresses: what they hold, and what a flood changes. */
final class ManyKeys {

  private static final int MOST = 1 << 24; // addresses of one network
  private static final int MOST_KEPT = 10_000_000; // the bound on max-callers
  private static final int BURST = 5;
  private static final int HONEST = 1_000;
  private static final TokenBucket BUCKETS =
      TokenBucket.per(Per.IP).withBurst(BURST).withRate(1).withInterval(Duration.ofDays(1));
  private static final RateLimiter.Amount ONE = new RateLimiter.Amount(1, 0, 0);

  private ManyKeys() {}

  /**
   * Both.
   *
   * @param keys callers who are known at once, 1 to 10,000,000
   * @param flood further callers, in a table of the default size, 0 to 16,777,216
   */
  static void run(int keys, int flood, PrintStream out) {
    bounded("KEYS", keys, 1, MOST_KEPT);
    bounded("FLOOD", flood, 0, MOST);
    live(keys, out);
    flood(flood, out);
  }

  private static void bounded(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }

  private static void live(int keys, PrintStream out) {
    long before = heap();
    RateLimiter limiter = BUCKETS.withMaxCallers(keys).create(new Bench());
    for (int i = 0; i < keys; i++) {
      asks(limiter, 10, i);
    }
    long held = heap() - before;
    int kept = 0;
    for (int i = 0; i < keys; i++) {
      kept += left(limiter, 10, i) == BURST - 1 ? 1 : 0;
    }
    out.printf(
        Locale.ROOT,
        "%,d live keys hold %,d MB, %,d bytes each; %,d have what they had%n",
        keys,
        held / 1_000_000,
        held / keys,
        kept);
  }

  /** Honest callers have taken one to all of what they may; the flood comes after that. */
  private static void flood(int flood, PrintStream out) {
    long before = heap();
    RateLimiter limiter = BUCKETS.create(new Bench());
    for (int i = 0; i < HONEST; i++) {
      for (int taken = 0; taken <= i % BURST; taken++) {
        asks(limiter, 11, i);
      }
    }
    int admitted = 0;
    for (int i = 0; i < flood; i++) {
      admitted += asks(limiter, 10, i) ? 1 : 0;
    }
    long held = heap() - before;
    int kept = 0;
    for (int i = 0; i < HONEST; i++) {
      kept += left(limiter, 11, i) == BURST - 1 - i % BURST ? 1 : 0;
    }
    out.printf(
        Locale.ROOT,
        "a flood of %,d keys, of whose requests %,d are admitted, in a table of %,d: it holds %,d"
            + " MB; %,d of %,d honest keys have what they had%n",
        flood,
        admitted,
        BUCKETS.maxCallers(),
        held / 1_000_000,
        kept,
        HONEST);
  }

  private static RequestInfo from(int network, int number) {
    String address =
        network + "." + (number >> 16) + "." + (number >> 8 & 255) + "." + (number & 255);
    return RequestInfo.chat("r", "model", Caller.at(address), 0);
  }

  private static boolean asks(RateLimiter limiter, int network, int number) {
    return limiter.acquire(from(network, number), ONE).result() instanceof RateLimiter.Admit;
  }

  private static long left(RateLimiter limiter, int network, int number) {
    return limiter.standing(from(network, number)).getFirst().remaining();
  }

  private static long heap() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
