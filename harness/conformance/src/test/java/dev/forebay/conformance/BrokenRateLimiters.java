package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Future;

/** A rate limiter that breaks each rule. */
final class BrokenRateLimiters {

  private BrokenRateLimiters() {}

  /** A reason that no machine reads. */
  static final class L1 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                Decision refuse(long waitNanos) {
                  return new Refuse("Slow down, please!", waitNanos + 1);
                }
              });
    }
  }

  /** Lets all pass. */
  @AlsoFails("L8")
  static final class L2 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              request ->
                  Future.succeededFuture(new RateLimiter.Admit(RateLimiter.Reservation.NONE)));
    }
  }

  /** Promises half the wait. */
  static final class L3 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                Decision refuse(long waitNanos) {
                  return super.refuse(waitNanos / 2);
                }
              });
    }
  }

  /** Saves idle time up. */
  static final class L4 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                double fill(double tokens, double more) {
                  return Math.min(1_000, tokens + more);
                }
              });
    }
  }

  /** Gives back twice what was taken. */
  static final class L5 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                double fill(double tokens, double more) {
                  return more > 0 ? super.fill(tokens, more) : tokens;
                }

                @Override
                void settle(Bucket bucket, Outcome outcome) {
                  bucket.tokens += outcome.failure() == null ? 0 : 2;
                }
              });
    }
  }

  /** Breaks on usage that no int holds. */
  static final class L6 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                void settle(Bucket bucket, Outcome outcome) {
                  Math.multiplyExact(outcome.usage().completionTokens(), 10);
                }
              });
    }
  }

  /** One bucket for all. */
  static final class L7 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                String key(RequestInfo request) {
                  return "all";
                }
              });
    }
  }

  /** A bucket for each session that a caller invents. */
  static final class L8 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                String key(RequestInfo request) {
                  return request.caller().session();
                }
              });
    }
  }

  /** A rate limiter that holds every rule. */
  static final class Good implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(ReferenceRateLimiter::new);
    }
  }
}
