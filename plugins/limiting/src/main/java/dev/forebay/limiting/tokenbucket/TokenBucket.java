package dev.forebay.limiting.tokenbucket;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.RateLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * A bucket of requests for each caller, filled at a rate: J. Turner, New Directions in
 * Communications (IEEE Communications 24(10), 1986); RFC 2697 in its one-rate form.
 *
 * <p>Over any time a caller is admitted at most {@code burst + rate × time} requests. Memory is
 * bounded by {@code maxCallers}: where there are more, the caller that asked least recently is
 * forgotten, and comes back with a full bucket. Callers whose bucket is full again lose nothing by
 * that; only where more than {@code maxCallers} callers come within the time that a bucket takes to
 * fill ({@code burst / rate}) are debts forgiven, which the counter {@code forgiven} shows.
 *
 * @param per whose requests share a bucket
 * @param rate requests per second that fill it, 0.001 to 1,000,000, to three decimals
 * @param burst requests that it holds, at least 1
 * @param groupIpv6 whether the addresses of one IPv6 /64 network, which is what one customer gets,
 *     count as one; for {@code per: ip}
 * @param maxCallers how many buckets are kept
 */
@RecordBuilder
@Doc("A bucket of requests for each caller, filled at a rate; who finds it empty gets 429.")
public record TokenBucket(
    @Doc("whose requests share a bucket: ip, key or tenant") @Default("ip") Per per,
    @Doc("requests per second that fill a bucket, to three decimals")
        @Default("10")
        @Range(min = 0.001, max = 1_000_000)
        @Unit("requests/s")
        double rate,
    @Doc("requests that a bucket holds")
        @Default("5")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int burst,
    @Doc("whether the addresses of one IPv6 /64 network count as one") @Default("true")
        boolean groupIpv6,
    @Doc("how many buckets are kept; beyond, who asked least recently starts anew")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        @Unit("callers")
        int maxCallers)
    implements Plugin<RateLimiter>, TokenBucketBuilder.With {

  /** Whose requests share a bucket. */
  public enum Per {
    /** Those from one network address. */
    IP,
    /** Those with one API key; those without any are told apart by their address. */
    KEY,
    /** Those of one tenant. */
    TENANT
  }

  /** The defaults: 10 requests per second and address, bursts of 5. */
  public static TokenBucket defaults() {
    return Options.defaults(TokenBucket.class);
  }

  /** A bucket for each address, key or tenant. */
  public static TokenBucket per(Per whose) {
    return defaults().withPer(whose);
  }

  @Override
  public RateLimiter create(PluginContext context) {
    return new TokenBucketLimiter(this, context);
  }
}
