package dev.forebay.limiting.limits;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Asks all limits. What those have taken that admit a request is given back if another refuses it.
 * So the wait that is told is the longest of all, not that of the first that refuses.
 */
final class AllLimits implements RateLimiter {

  private final List<RateLimiter> limits;
  private final Counter failedOpen;

  AllLimits(List<RateLimiter> limits, Counter failedOpen) {
    this.limits = List.copyOf(limits);
    this.failedOpen = failedOpen;
  }

  @Override
  public Future<Decision> acquire(RequestInfo request, Amount expected) {
    List<Future<Decision>> asked = new ArrayList<>(limits.size());
    boolean decided = true;
    for (RateLimiter limit : limits) {
      Future<Decision> decision = ask(limit, request, expected);
      asked.add(decision);
      decided &= decision.isComplete();
    }
    return decided
        ? Future.succeededFuture(together(request, asked))
        : Future.join(asked).otherwiseEmpty().map(all -> together(request, asked));
  }

  @Override
  public List<Standing> standing(RequestInfo request) {
    List<Standing> all = new ArrayList<>(limits.size());
    limits.forEach(limit -> all.addAll(limit.standing(request)));
    return all;
  }

  @Override
  public boolean change(String limit, String key, double quota) {
    boolean found = false;
    for (RateLimiter each : limits) {
      found |= each.change(limit, key, quota);
    }
    return found;
  }

  /** A limiter that throws or gives nothing has failed; the others have taken what they have. */
  private static Future<Decision> ask(RateLimiter limit, RequestInfo request, Amount expected) {
    try {
      return Objects.requireNonNull(
          limit.acquire(request, expected),
          () -> limit.getClass().getName() + ": acquire returned null (expected: a future)");
    } catch (RuntimeException | LinkageError e) {
      return Future.failedFuture(e);
    }
  }

  private Decision together(RequestInfo request, List<Future<Decision>> asked) {
    List<Reservation> taken = new ArrayList<>(asked.size());
    Refuse longest = null;
    long wait = 0;
    for (Future<Decision> each : asked) {
      if (each.failed() || each.result() == null) {
        failedOpen.increment();
        continue;
      }
      Decision decision = each.result();
      if (decision instanceof Admit admit) {
        taken.add(admit.reservation());
      } else if (decision instanceof Delay delay) {
        taken.add(delay.reservation());
        wait = Math.max(wait, delay.waitNanos());
      } else if (decision instanceof Refuse refuse
          && (longest == null || refuse.retryAfterNanos() > longest.retryAfterNanos())) {
        longest = refuse;
      }
    }
    if (longest != null) {
      settle(taken, request, Amount.NONE);
      return longest;
    }
    Reservation all = (one, used) -> settle(taken, one, used);
    return wait > 0 ? new Delay(all, wait) : new Admit(all);
  }

  /** Settles with all, also if one of them throws; the first that is thrown is thrown on. */
  private static void settle(List<Reservation> all, RequestInfo request, Amount used) {
    Throwable thrown = null;
    for (int i = 0; i < all.size(); i++) {
      try {
        all.get(i).settle(request, used);
      } catch (RuntimeException | Error e) {
        thrown = thrown == null ? e : thrown;
      }
    }
    if (thrown instanceof Error error) {
      throw error;
    } else if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }
}
