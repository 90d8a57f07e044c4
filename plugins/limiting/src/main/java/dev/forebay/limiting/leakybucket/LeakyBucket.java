package dev.forebay.limiting.leakybucket;

import dev.forebay.limiting.rate.BucketSize;
import dev.forebay.limiting.rate.KeyedLimiter;
import dev.forebay.limiting.rate.Keys;
import dev.forebay.limiting.rate.Limit;
import dev.forebay.limiting.rate.Meter;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.rate.Rule;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pace for each caller: a request goes on when all that went before it has leaked out at the
 * rate, as in the queue of J. Turner's leaky bucket (IEEE Communications 24(10), 1986), in the form
 * of ITU-T I.371's virtual scheduling. A caller that would have to wait too long gets 429.
 *
 * <p>A request is expected to use what leaks in an interval at most.
 *
 * @param name of the limit, in refusals and headers; by default that of the plugin
 * @param of what it counts
 * @param per whose requests share a pace
 * @param andPer what else has a pace of its own
 * @param rate requests, tokens or US dollars per interval, to three decimals, at least one
 * @param interval the time of the rate
 * @param maxWait how long a request waits at most
 * @param own rates of their own, by the value of {@code per}
 * @param groupIpv6 whether the addresses of one IPv6 /64 network count as one; for {@code per: ip}
 * @param maxCallers how many callers are kept apart
 */
@RecordBuilder
@Doc("A pace for each caller: requests wait for their turn; a wait that is too long is 429.")
public record LeakyBucket(
    @Doc("the limit's name in refusals and headers: lower case, digits, hyphens")
        @Default("leaky-bucket")
        String name,
    @Doc("what it counts") @Default("requests") Quantity of,
    @Doc("whose requests share a pace") @Default("ip") Per per,
    @Doc("what else has a pace of its own, beside per") @Default("[]") List<Per> andPer,
    @Doc("requests, tokens or US dollars per interval, to three decimals")
        @Default("10")
        @Range(min = 1, max = 1_000_000_000)
        double rate,
    @Doc("the time of the rate") @Default("1s") @Range(min = 0.001, max = 2_678_400)
        Duration interval,
    @Doc("how long a request waits at most") @Default("5s") @Range(min = 0, max = 3600)
        Duration maxWait,
    @Doc("rates of their own, by the value of per, such as a tenant")
        @Default("{}")
        @Range(min = 1, max = 1_000_000_000)
        Map<String, Double> own,
    @Doc("whether the addresses of one IPv6 /64 network count as one") @Default("true")
        boolean groupIpv6,
    @Doc("how many callers are kept apart; beyond, new ones share a pace by their hash")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        @Unit("callers")
        int maxCallers)
    implements Plugin<RateLimiter>, Limit, LeakyBucketBuilder.With {

  /** Copies. */
  public LeakyBucket {
    andPer = List.copyOf(andPer);
    own = Collections.unmodifiableMap(new LinkedHashMap<>(own));
  }

  /** The defaults: 10 requests per second and address, in turn; nobody waits more than 5 s. */
  public static LeakyBucket defaults() {
    return Options.defaults(LeakyBucket.class);
  }

  @Override
  public RateLimiter create(PluginContext context) {
    return new KeyedLimiter<>(
        Limit.setup(this, of, new Keys(per, andPer, groupIpv6), maxCallers, maxWait.toNanos()),
        new Leaks(),
        context.timeline()::nanos,
        context);
  }

  private final class Leaks implements Rule<BucketSize> {
    @Override
    public BucketSize limit() {
      return limit(rate);
    }

    @Override
    public Map<String, BucketSize> own() {
      Map<String, BucketSize> sizes = new LinkedHashMap<>();
      own.forEach((key, each) -> sizes.put(key, limit(each)));
      return sizes;
    }

    @Override
    public BucketSize limit(double quota) {
      return BucketSize.of(of, quota, interval, Math.max(1, quota));
    }

    @Override
    public Meter<BucketSize> meter(BucketSize size, long now) {
      return new Leak(size, now);
    }
  }
}
