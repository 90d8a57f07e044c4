package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import java.util.function.Function;

/** A limit that rises by 1 for each round of good endings, and falls by a tenth when congested. */
class ReferenceLimiter implements ConcurrencyLimiter {

  double limit = 8;
  int inFlight;

  ReferenceLimiter(PluginContext context) {}

  static Plugin<ConcurrencyLimiter> plugin(Function<PluginContext, ConcurrencyLimiter> maker) {
    return NamedPlugin.of(ConcurrencyLimiter.class, "broken", maker);
  }

  @Override
  public Decision acquire(RequestInfo request) {
    if (full()) {
      return Saturated.UNTIL_RELEASE;
    }
    inFlight++;
    return new Admitted(this::release);
  }

  boolean full() {
    return inFlight >= limit();
  }

  void release(Outcome outcome) {
    if (late(outcome) || outcome.status().signal() == Status.Signal.CONGESTION) {
      lower(outcome);
    } else if (tells(outcome) && used()) {
      raise();
    }
    inFlight--;
  }

  boolean tells(Outcome outcome) {
    return outcome.status().signal() == Status.Signal.SAMPLE && !outcome.usage().replayed();
  }

  boolean late(Outcome outcome) {
    return tells(outcome)
        && outcome.timings().timeToFirstContentNanos() > 500_000_000
        && outcome.timings().durationNanos() > 1_000_000_000;
  }

  boolean used() {
    return inFlight >= limit / 2;
  }

  void raise() {
    limit = Math.min(1_000, limit + 1 / limit);
  }

  void lower(Outcome outcome) {
    limit = Math.max(1, limit * 0.9);
  }

  @Override
  public int limit() {
    return (int) limit;
  }

  @Override
  public int inFlight() {
    return inFlight;
  }
}
