package dev.forebay.scaling.permember;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.ConcurrencyLimiter;

/** Counts permits, and asks again each 100 ms: members come without a permit coming back. */
final class MemberLimiter implements ConcurrencyLimiter {

  private static final Saturated RECHECK = new Saturated(100_000_000L);

  private final PerMember options;
  private final Pools pools;
  private int out;

  MemberLimiter(PerMember options, Pools pools) {
    this.options = options;
    this.pools = pools;
  }

  @Override
  public Decision acquire(RequestInfo request) {
    if (out >= limit()) {
      return RECHECK;
    }
    out++;
    return new Admitted(new Held());
  }

  /** A place; it is given back once. */
  private final class Held implements Permit {
    private boolean released;

    @Override
    public void release(Outcome outcome) {
      if (!released) {
        released = true;
        out--;
      }
    }
  }

  @Override
  public int limit() {
    return (int)
        Math.min(Integer.MAX_VALUE, (long) options.requests() * pools.serving(options.pool()));
  }

  @Override
  public int inFlight() {
    return out;
  }
}
