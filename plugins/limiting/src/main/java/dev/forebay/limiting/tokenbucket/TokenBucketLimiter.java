package dev.forebay.limiting.tokenbucket;

import dev.forebay.spi.Caller;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Future;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The buckets, in the order of last use. Whenever a new one is made, up to two from the old end
 * that are full again go, so that the map shrinks to the callers that matter; a full one and one
 * that does not exist are the same.
 */
final class TokenBucketLimiter implements RateLimiter {

  private static final Future<Decision> ADMIT = Future.succeededFuture(new Admit(Reservation.NONE));
  private static final int SWEEP = 2;

  private final TokenBucket.Per per;
  private final boolean groupIpv6;
  private final int maxCallers;
  private final BucketSize size;
  private final Timeline timeline;
  private final Counter refused;
  private final Counter forgiven;
  private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

  TokenBucketLimiter(TokenBucket options, PluginContext context) {
    this.per = options.per();
    this.groupIpv6 = options.groupIpv6();
    this.maxCallers = options.maxCallers();
    this.size = BucketSize.of(options.rate(), options.burst());
    this.timeline = context.timeline();
    this.refused = context.counter("refused");
    this.forgiven = context.counter("forgiven");
    context.gauge("callers", buckets::size);
  }

  @Override
  public Future<Decision> acquire(RequestInfo request) {
    long now = timeline.nanos();
    long waitNanos = bucketOf(request.caller(), now).take(now);
    if (waitNanos == 0) {
      return ADMIT;
    }
    refused.increment();
    return Future.succeededFuture(new Refuse("rate_limited", waitNanos));
  }

  private Bucket bucketOf(Caller caller, long now) {
    String key = keyOf(caller);
    Bucket bucket = buckets.get(key);
    if (bucket == null) {
      makeRoom(now);
      bucket = new Bucket(size, now);
      buckets.put(key, bucket);
    }
    return bucket;
  }

  private String keyOf(Caller caller) {
    return switch (per) {
      case IP -> address(caller);
      case KEY -> caller.keyId().isEmpty() ? "no key, " + address(caller) : caller.keyId();
      case TENANT -> caller.tenant();
    };
  }

  private String address(Caller caller) {
    return groupIpv6 ? Ipv6.network(caller.address()) : caller.address();
  }

  private void makeRoom(long now) {
    Iterator<Bucket> eldest = buckets.values().iterator();
    for (int i = 0; i < SWEEP && eldest.hasNext() && eldest.next().full(now); i++) {
      eldest.remove();
    }
    if (buckets.size() >= maxCallers) {
      buckets.remove(buckets.keySet().iterator().next());
      forgiven.increment();
    }
  }
}
