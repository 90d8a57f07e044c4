package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A token bucket for each API key: 10 requests a second, 5 at once. */
class ReferenceRateLimiter implements RateLimiter {

  static final double BURST = 5;
  static final double NANOS_EACH = 100_000_000;

  private static final int MOST_CALLERS = 1_000;

  private final PluginContext context;
  private double burst = BURST;
  final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MOST_CALLERS;
        }
      };

  ReferenceRateLimiter(PluginContext context) {
    this.context = context;
  }

  static Plugin<RateLimiter> plugin(Function<PluginContext, RateLimiter> maker) {
    return NamedPlugin.of(RateLimiter.class, "broken", maker);
  }

  /** What a caller has left. */
  static final class Bucket {
    double tokens;
    long filledNanos;

    Bucket(double tokens) {
      this.tokens = tokens;
    }
  }

  @Override
  public Future<Decision> acquire(RequestInfo request, Amount expected) {
    Bucket bucket = bucket(request);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return Future.succeededFuture(new Admit((settling, used) -> settle(bucket, used)));
    }
    return Future.succeededFuture(refuse((long) Math.ceil((1 - bucket.tokens) * NANOS_EACH)));
  }

  @Override
  public List<Standing> standing(RequestInfo request) {
    Bucket bucket = bucket(request);
    long reset = (long) Math.ceil((burst - bucket.tokens) * NANOS_EACH);
    return List.of(
        new Standing(
            "reference",
            Quantity.REQUESTS,
            (long) burst,
            (long) (burst * NANOS_EACH),
            remaining(bucket),
            reset));
  }

  @Override
  public boolean change(String limit, String key, double quota) {
    double more = quota - burst;
    burst = quota;
    buckets.values().forEach(bucket -> bucket.tokens += more);
    return limit.equals("reference");
  }

  Bucket bucket(RequestInfo request) {
    Bucket bucket = buckets.computeIfAbsent(key(request), name -> new Bucket(burst));
    long now = context.timeline().nanos();
    bucket.tokens = fill(bucket.tokens, (now - bucket.filledNanos) / NANOS_EACH);
    bucket.filledNanos = now;
    return bucket;
  }

  long remaining(Bucket bucket) {
    return (long) bucket.tokens;
  }

  String key(RequestInfo request) {
    return request.caller().keyId();
  }

  double fill(double tokens, double more) {
    return Math.min(burst, tokens + more);
  }

  Decision refuse(long waitNanos) {
    return new Refuse("rate_limited", waitNanos + 1, "reference");
  }

  void settle(Bucket bucket, Amount used) {
    if (used.requests() == 0) {
      bucket.tokens = Math.min(burst, bucket.tokens + 1);
    }
  }
}
