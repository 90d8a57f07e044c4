package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.ConcurrencyLimiter;

/** A concurrency limiter that breaks each rule. */
final class BrokenConcurrencyLimiters {

  private BrokenConcurrencyLimiters() {}

  /** Loses a permit when the caller leaves. */
  @AlsoFails("C3")
  static final class C1 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                void release(Outcome outcome) {
                  if (outcome.status() != Status.CANCELLED) {
                    super.release(outcome);
                  }
                }
              });
    }
  }

  /** Admits one too many. */
  static final class C2 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                boolean full() {
                  return inFlight() > limit();
                }
              });
    }
  }

  /** Stops for good after too many failures. */
  static final class C3 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                private int failures;

                @Override
                boolean full() {
                  return failures > 200 || super.full();
                }

                @Override
                void release(Outcome outcome) {
                  failures += outcome.status() == Status.INTERNAL ? 1 : 0;
                  super.release(outcome);
                }
              });
    }
  }

  /** Falls to nothing. */
  @AlsoFails({"C3", "C8"})
  static final class C4 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                void lower(Outcome outcome) {
                  limit *= 0.9;
                }
              });
    }
  }

  /** Takes a wrong request, answered at once, for a fast server. */
  static final class C5 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                void release(Outcome outcome) {
                  if (outcome.status() == Status.CALLER_FAULT) {
                    raise();
                  }
                  super.release(outcome);
                }
              });
    }
  }

  /** Takes a fast refusal for a fast server. */
  static final class C6 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                void lower(Outcome outcome) {
                  if (outcome.timings().durationNanos() < 1_000_000) {
                    raise();
                  } else {
                    super.lower(outcome);
                  }
                }
              });
    }
  }

  /** Does not learn from congestion. */
  static final class C7 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                void lower(Outcome outcome) {}
              });
    }
  }

  /** Never recovers. */
  static final class C8 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                private boolean afraid;

                @Override
                void lower(Outcome outcome) {
                  afraid = true;
                  super.lower(outcome);
                }

                @Override
                void raise() {
                  if (!afraid) {
                    super.raise();
                  }
                }
              });
    }
  }

  /** Grows in idle times. */
  static final class C9 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                boolean used() {
                  return true;
                }
              });
    }
  }

  /** Takes an answer from a cache for a fast server. */
  static final class C10 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                boolean tells(Outcome outcome) {
                  return outcome.status().signal() == Status.Signal.SAMPLE;
                }
              });
    }
  }

  /** Never hears of the queue that it makes. */
  static final class C11 implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(
          context ->
              new ReferenceLimiter(context) {
                @Override
                boolean late(Outcome outcome) {
                  return false;
                }
              });
    }
  }

  /** A limiter that holds every rule. */
  static final class Good implements ConcurrencyLimiterContract {
    @Override
    public Plugin<ConcurrencyLimiter> plugin() {
      return ReferenceLimiter.plugin(ReferenceLimiter::new);
    }
  }
}
