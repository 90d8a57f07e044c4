package dev.forebay.limiting.permits;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.ConcurrencyLimiter;

/**
 * Counts the permits that are out. A permit that comes back twice counts once. Answers that a cache
 * gave, or that were made for another request, cost the upstream nothing, so nothing is learned
 * from them.
 */
public abstract class CountingLimiter implements ConcurrencyLimiter {

  private int inFlight;

  /** No permit is out. Measures {@code limit} and {@code in_flight}. */
  protected CountingLimiter(PluginContext context) {
    context.gauge("limit", this::limit);
    context.gauge("in_flight", this::inFlight);
  }

  /**
   * Checks the limit to begin with.
   *
   * @return that limit
   * @throws IllegalArgumentException if it is not between {@code min} and {@code max}
   */
  protected static int initial(int limit, int min, int max) {
    if (limit < min || limit > max) {
      throw new IllegalArgumentException(
          "initial: %d (expected: from min, %d, to max, %d)".formatted(limit, min, max));
    }
    return limit;
  }

  /**
   * A permit goes out.
   *
   * @param requests how many are under way with this one
   * @return what {@link #ended} is told of it, such as the phase that it began in
   */
  protected int began(int requests) {
    return 0;
  }

  /**
   * A permit comes back, whatever its ending tells; called before {@link #ended}.
   *
   * @param mark what {@link #began} said
   */
  protected void over(int mark) {}

  /**
   * A permit comes back with an ending whose signal is not {@link Status.Signal#IGNORE}.
   *
   * @param requests how many were under way when it went out, with this one
   * @param mark what {@link #began} said
   */
  protected abstract void ended(Outcome outcome, int requests, int mark);

  @Override
  public final Decision acquire(RequestInfo request) {
    if (inFlight >= limit()) {
      return Saturated.UNTIL_RELEASE;
    }
    inFlight++;
    return new Admitted(new CountedPermit(inFlight, began(inFlight)));
  }

  @Override
  public final int inFlight() {
    return inFlight;
  }

  private final class CountedPermit implements Permit {
    private final int requests;
    private final int mark;
    private boolean released;

    CountedPermit(int requests, int mark) {
      this.requests = requests;
      this.mark = mark;
    }

    @Override
    public void release(Outcome outcome) {
      if (released) {
        return;
      }
      released = true;
      inFlight--; // what is learned may throw
      over(mark);
      boolean tells = outcome.status().signal() != Status.Signal.IGNORE;
      if (tells && !outcome.usage().replayed()) {
        ended(outcome, requests, mark);
      }
    }
  }
}
