package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A server with slots and a line without a bound, asked behind a limiter for 1.2 times what it can
 * do. It is as small as such a server can be, so that ten hours pass in a moment. Each answer takes
 * 100 ms to its first content and then {@value #TOKEN_MILLIS} ms for a token, 200 of them in the
 * mean.
 */
final class BusyServer {

  /** How many requests it works on at once: the right limit. */
  static final int SLOTS = 48;

  private static final long TOKEN_MILLIS = 20;
  private static final long MILLIS = 1_000_000;
  private static final long FIRST_NANOS = 100 * MILLIS;
  private static final int MEAN_TOKENS = 200;
  private static final long HOUR = 3_600_000 * MILLIS;

  /** Requests that wait for a permit at most; further ones are lost. */
  private static final int MOST_WAITING = 100;

  private final ConcurrencyLimiter limiter;
  private final SplittableRandom random = new SplittableRandom(1);
  private final PriorityQueue<Served> served = new PriorityQueue<>();
  private final ArrayDeque<Sent> line = new ArrayDeque<>();
  private int waiting;
  private int id;

  private record Sent(Permit permit, long nanos) {}

  private record Served(long endNanos, int tokens, long beganNanos, Sent sent)
      implements Comparable<Served> {
    @Override
    public int compareTo(Served other) {
      return Long.compare(endNanos, other.endNanos);
    }
  }

  private BusyServer(ConcurrencyLimiter limiter) {
    this.limiter = limiter;
  }

  /** The greatest limit that was in force after the first hour of so many. */
  static int mostAfterAnHour(ConcurrencyLimiter limiter, int hours) {
    return new BusyServer(limiter).run(hours * HOUR);
  }

  private int run(long end) {
    long meanNanos = FIRST_NANOS + MEAN_TOKENS * TOKEN_MILLIS * MILLIS;
    long between = (long) (meanNanos / 1.2 / SLOTS);
    int most = 0;
    for (long now = 0; now < end; now += between) {
      while (!served.isEmpty() && served.peek().endNanos() <= now) {
        end(served.poll());
      }
      waiting = Math.min(MOST_WAITING, waiting + 1);
      send(now);
      most = now < HOUR ? 0 : Math.max(most, limiter.limit());
    }
    return most;
  }

  private void send(long now) {
    while (waiting > 0 && limiter.acquire(Requests.chat("r" + id)) instanceof Admitted admitted) {
      id++;
      waiting--;
      line.add(new Sent(admitted.permit(), now));
      work(now);
    }
  }

  private void work(long now) {
    while (served.size() < SLOTS && !line.isEmpty()) {
      int tokens = random.nextInt(MEAN_TOKENS / 2, MEAN_TOKENS * 3 / 2);
      long end = now + FIRST_NANOS + tokens * TOKEN_MILLIS * MILLIS;
      served.add(new Served(end, tokens, now, line.remove()));
    }
  }

  private void end(Served over) {
    long now = over.endNanos();
    Timings timings = new Timings(over.sent().nanos(), over.beganNanos() + FIRST_NANOS, now);
    Usage usage = new Usage(Requests.PROMPT_TOKENS, 0, over.tokens(), 0);
    over.sent().permit().release(Outcome.ok(usage, timings));
    work(now);
    send(now);
  }
}
