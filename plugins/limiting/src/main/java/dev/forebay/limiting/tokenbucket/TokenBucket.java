package dev.forebay.limiting.tokenbucket;

import dev.forebay.limiting.rate.Bucket;
import dev.forebay.limiting.rate.BucketSize;
import dev.forebay.limiting.rate.KeyedLimiter;
import dev.forebay.limiting.rate.Keys;
import dev.forebay.limiting.rate.Limit;
import dev.forebay.limiting.rate.Meter;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.rate.Rule;
import dev.forebay.limiting.rate.Shareable;
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
import java.util.function.LongSupplier;

/**
 * A bucket for each caller, filled at a rate: J. Turner, New Directions in Communications (IEEE
 * Communications 24(10), 1986); RFC 2697 in its one-rate form.
 *
 * <p>Over any time a caller is admitted at most {@code burst + rate × time}. Memory is bounded by
 * {@code maxCallers}: beyond, callers who are new share buckets by their hash until others are full
 * again, which the counter {@code shared} shows.
 *
 * @param name of the limit, in refusals and headers; by default that of the plugin
 * @param of what it counts
 * @param per whose requests share a bucket
 * @param andPer what else has a bucket of its own
 * @param rate requests, tokens or US dollars per interval that fill it, to three decimals
 * @param interval the time of the rate
 * @param burst requests, tokens or US dollars that it holds, at least 1
 * @param own rates of their own, by the value of {@code per}
 * @param groupIpv6 whether the addresses of one IPv6 /64 network, which is what one customer gets,
 *     count as one; for {@code per: ip}
 * @param maxCallers how many buckets are kept
 */
@RecordBuilder
@Doc("A bucket for each caller, filled at a rate; a request that finds it empty gets 429.")
public record TokenBucket(
    @Doc("the limit's name in refusals and headers: lower case, digits, hyphens")
        @Default("token-bucket")
        String name,
    @Doc("what it counts") @Default("requests") Quantity of,
    @Doc("whose requests share a bucket") @Default("ip") Per per,
    @Doc("what else has a bucket of its own, beside per") @Default("[]") List<Per> andPer,
    @Doc("requests, tokens or US dollars per interval that fill a bucket, to three decimals")
        @Default("10")
        @Range(min = 0.001, max = 1_000_000_000)
        double rate,
    @Doc("the time of the rate") @Default("1s") @Range(min = 0.001, max = 2_678_400)
        Duration interval,
    @Doc(
            "requests, tokens or US dollars that a bucket holds; for tokens and money, the rate at least")
        @Default("5")
        @Range(min = 1, max = 1_000_000_000)
        int burst,
    @Doc("rates of their own, by the value of per, such as a tenant") @Default("{}")
        Map<String, Rate> own,
    @Doc("whether the addresses of one IPv6 /64 network count as one") @Default("true")
        boolean groupIpv6,
    @Doc("how many buckets are kept; beyond, new callers share buckets by their hash")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        @Unit("callers")
        int maxCallers)
    implements Plugin<RateLimiter>, Shareable<BucketSize>, TokenBucketBuilder.With {

  /** Copies. */
  public TokenBucket {
    andPer = List.copyOf(andPer);
    own = Collections.unmodifiableMap(new LinkedHashMap<>(own));
  }

  /**
   * A rate of its own.
   *
   * @param rate requests, tokens or US dollars per interval, to three decimals
   * @param burst requests, tokens or US dollars that the bucket holds
   */
  @Doc("A rate of its own.")
  public record Rate(
      @Doc("requests, tokens or US dollars per interval that fill the bucket, to three decimals")
          @Range(min = 0.001, max = 1_000_000_000)
          double rate,
      @Doc("requests, tokens or US dollars that the bucket holds")
          @Range(min = 1, max = 1_000_000_000)
          int burst) {}

  /** The defaults: 10 requests per second and address, bursts of 5. */
  public static TokenBucket defaults() {
    return Options.defaults(TokenBucket.class);
  }

  /** A bucket for each address, key, tenant or whatever it is per. */
  public static TokenBucket per(Per whose) {
    return defaults().withPer(whose);
  }

  @Override
  public RateLimiter create(PluginContext context) {
    return counting(context);
  }

  @Override
  public KeyedLimiter.Setup setup() {
    return Limit.setup(this, of, new Keys(per, andPer, groupIpv6), maxCallers, 0);
  }

  @Override
  public Rule<BucketSize> rule() {
    return new Buckets();
  }

  @Override
  public LongSupplier clock(PluginContext context) {
    return context.timeline()::nanos;
  }

  @Override
  public Terms terms(BucketSize limit) {
    return new Filling(limit.rate(), limit.most());
  }

  @Override
  public BucketSize share(BucketSize limit, double share) {
    return limit.share(share);
  }

  private BucketSize size(double each, double holds) {
    if (of != Quantity.REQUESTS && holds < each) {
      throw new IllegalArgumentException(
          "burst: %s (expected: at least the rate, %s)"
              .formatted(Limit.shown(holds), Limit.shown(each)));
    }
    return BucketSize.of(of, each, interval, holds);
  }

  private final class Buckets implements Rule<BucketSize> {
    @Override
    public BucketSize limit() {
      return size(rate, burst);
    }

    @Override
    public Map<String, BucketSize> own() {
      Map<String, BucketSize> sizes = new LinkedHashMap<>();
      own.forEach((key, each) -> sizes.put(key, size(each.rate(), each.burst())));
      return sizes;
    }

    /** Bursts grow and shrink with the rate. */
    @Override
    public BucketSize limit(double quota) {
      return size(quota, Math.max(1, Math.round(burst * quota / rate)));
    }

    @Override
    public Meter<BucketSize> meter(BucketSize size, long now) {
      return new Bucket(size, now);
    }
  }
}
