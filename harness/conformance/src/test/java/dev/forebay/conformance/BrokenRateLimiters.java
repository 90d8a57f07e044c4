package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Amount;
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
                  return new Refuse("Slow down, please!", waitNanos + 1, "reference");
                }
              });
    }
  }

  /** Lets all pass. */
  @AlsoFails({"L8", "L12", "L14"})
  static final class L2 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              (request, expected) ->
                  Future.succeededFuture(new RateLimiter.Admit(RateLimiter.Reservation.NONE)));
    }
  }

  /** Promises half the wait. */
  @AlsoFails("L10")
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
                void settle(Bucket bucket, Amount used) {
                  bucket.tokens += used.requests() == 0 ? 2 : 0;
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
                void settle(Bucket bucket, Amount used) {
                  super.settle(bucket, used);
                  Math.multiplyExact(Math.toIntExact(used.tokens()), 10);
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

  /** Refuses whoever asks for more than there ever is. */
  static final class L9 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                public Future<Decision> acquire(RequestInfo request, Amount expected) {
                  return expected.tokens() > 1_000_000
                      ? Future.succeededFuture(refuse(1))
                      : super.acquire(request, expected);
                }
              });
    }
  }

  /** Counts refused requests. */
  @AlsoFails("L11")
  static final class L10 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                public Future<Decision> acquire(RequestInfo request, Amount expected) {
                  Bucket bucket = bucket(request);
                  if (bucket.tokens < 1) {
                    bucket.tokens -= 0.1;
                  }
                  return super.acquire(request, expected);
                }

                @Override
                long remaining(Bucket bucket) {
                  return (long) Math.max(0, bucket.tokens);
                }
              });
    }
  }

  /** Keeps what was not used. */
  static final class L11 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                void settle(Bucket bucket, Amount used) {}
              });
    }
  }

  /** Takes what is not known for nothing. */
  static final class L12 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                void settle(Bucket bucket, Amount used) {
                  boolean nothing = used.tokens() == Amount.UNKNOWN;
                  super.settle(bucket, nothing ? Amount.NONE : used);
                }
              });
    }
  }

  /** Tells of more than there ever is. */
  static final class L13 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                long remaining(Bucket bucket) {
                  return 100;
                }
              });
    }
  }

  /** Lets those pass whom it has no room to know. */
  static final class L14 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                public Future<Decision> acquire(RequestInfo request, Amount expected) {
                  boolean unknown = buckets.size() >= 500 && !buckets.containsKey(key(request));
                  return unknown
                      ? Future.succeededFuture(new Admit(Reservation.NONE))
                      : super.acquire(request, expected);
                }
              });
    }
  }

  /** Hears of another limit, and goes on with its own. */
  static final class L15 implements RateLimiterContract {
    @Override
    public Plugin<RateLimiter> plugin() {
      return ReferenceRateLimiter.plugin(
          context ->
              new ReferenceRateLimiter(context) {
                @Override
                public boolean change(String limit, String key, double quota) {
                  return true;
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
