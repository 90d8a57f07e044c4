package dev.forebay.limiting.fixed;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.ConcurrencyLimiter;

/** A count of permits that are out. A permit that comes back twice counts once. */
final class FixedLimiter implements ConcurrencyLimiter {

  private final int limit;
  private int inFlight;

  FixedLimiter(int limit, PluginContext context) {
    this.limit = limit;
    context.gauge("limit", this::limit);
    context.gauge("in_flight", this::inFlight);
  }

  @Override
  public Decision acquire(RequestInfo request) {
    if (inFlight >= limit) {
      return Saturated.UNTIL_RELEASE;
    }
    inFlight++;
    return new Admitted(new CountedPermit());
  }

  @Override
  public int limit() {
    return limit;
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  private final class CountedPermit implements Permit {
    private boolean released;

    @Override
    public void release(Outcome outcome) {
      if (!released) {
        released = true;
        inFlight--;
      }
    }
  }
}
