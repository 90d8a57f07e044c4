package dev.forebay.simulation;

import dev.forebay.spi.InferenceRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * When which faults of a server are there: a function of time and seed, without a state. So an idle
 * server needs no events for faults to come, and whether a request is hit hangs on its id and
 * attempt, not on those before it: two combinations of plugins see the same faults on the same
 * requests.
 */
final class FaultPlan {

  /** No crash to come. */
  static final long NEVER = Long.MAX_VALUE;

  private final List<Window> windows = new ArrayList<>();
  private final List<Window> crashes = new ArrayList<>();
  private final long seed;

  /** A plan of faults whose times count from {@code originNanos}. */
  FaultPlan(List<Fault> faults, long seed, long originNanos, Duration coldStart) {
    this.seed = seed;
    for (Fault fault : faults) {
      boolean crash = fault.kind() == Fault.Kind.CRASH;
      long after = crash ? coldStart.toNanos() : 0;
      Window window = new Window(fault, Chance.mix(seed + windows.size()), originNanos, after);
      windows.add(window);
      if (crash) {
        crashes.add(window);
      }
    }
  }

  /** How many times as long a step takes that begins now. */
  double slowFactor(long now) {
    double factor = 1;
    for (Window window : windows) {
      if (window.fault.kind() == Fault.Kind.SLOW && window.end(now) > now) {
        factor *= window.fault.amount();
      }
    }
    return factor;
  }

  /** Whether the server is down, or starting. */
  boolean down(long now) {
    return upAgain(now) > now;
  }

  /** When the outage of now is over, cold start included; {@code now} where there is none. */
  long upAgain(long now) {
    long up = now;
    for (boolean longer = true; longer && up < NEVER; ) {
      longer = false;
      for (Window window : crashes) {
        long end = window.end(up);
        if (end > up) {
          up = end;
          longer = true;
        }
      }
    }
    return up;
  }

  /** When the next crash after this time begins; {@link #NEVER} where none does. */
  long nextCrash(long after) {
    long next = NEVER;
    for (Window window : crashes) {
      next = Math.min(next, window.nextBegin(after));
    }
    return next;
  }

  /** When the next fault that lasts begins or ends after a time; {@link #NEVER} if none does. */
  long nextChange(long after) {
    long next = NEVER;
    for (Window window : windows) {
      long end = window.end(after);
      next = Math.min(next, end > after ? end : window.nextBegin(after));
    }
    return next;
  }

  /** What happens to a request that arrives now; null for nothing. */
  @Nullable Fate fate(InferenceRequest request, long now) {
    if (windows.size() == crashes.size()) {
      return null;
    }
    long subject = Chance.hash(request.info().id()) + request.attempt().number();
    SplittableRandom random = Chance.of(seed, subject);
    Fate fate = null;
    for (Window window : windows) {
      Fault fault = window.fault;
      double draw = random.nextDouble();
      double position = random.nextDouble();
      if (fate == null
          && fault.kind() != Fault.Kind.SLOW
          && fault.kind() != Fault.Kind.CRASH
          && draw < fault.amount()
          && window.end(now) > now) {
        fate = new Fate(fault.kind(), position);
      }
    }
    return fate;
  }

  /**
   * What happens to a request.
   *
   * @param position where in the answer, 0 (included) to 1 (excluded)
   */
  record Fate(Fault.Kind kind, double position) {}

  private static final class Window {
    private final Fault fault;
    private final long seed;
    private final long from;
    private final long length;
    private final long every;
    private final long after;

    Window(Fault fault, long seed, long originNanos, long after) {
      this.fault = fault;
      this.seed = seed;
      this.from = originNanos + fault.from().toNanos();
      this.length = fault.length() == null ? NEVER : fault.length().toNanos();
      this.every = fault.every() == null ? 0 : fault.every().toNanos();
      this.after = after;
    }

    /** When the window that covers a time ends; the time itself, or less, where none does. */
    long end(long now) {
      if (length == NEVER) {
        return now >= from ? NEVER : now;
      }
      if (every == 0) {
        return now >= from ? from + length + after : now;
      }
      long last = Math.floorDiv(now - from, every);
      long first = Math.floorDiv(now - from - 2 * every - after, every);
      long end = now;
      for (long k = Math.max(0, first); k <= last; k++) {
        if (begin(k) <= now) {
          end = Math.max(end, begin(k) + length + after);
        }
      }
      return end;
    }

    long nextBegin(long time) {
      if (every == 0) {
        return from > time ? from : NEVER;
      }
      long k = Math.max(0, Math.floorDiv(time - from, every) - 1);
      long next = NEVER;
      for (int i = 0; i < 4; i++, k++) {
        long begin = begin(k);
        if (begin > time) {
          next = Math.min(next, begin);
        }
      }
      return next;
    }

    private long begin(long k) {
      double share = fault.jitter() == 0 ? 0 : Chance.of(seed, k).nextDouble() * fault.jitter();
      return from + k * every + (long) (share * every);
    }
  }
}
