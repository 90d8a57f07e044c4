package dev.forebay.limiting.tokenbucket;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.RateLimiter;
import dev.forebay.spi.Unit;

/**
 * A bucket of requests for each caller, filled at a rate: J. Turner, New Directions in
 * Communications (IEEE Communications 24(10), 1986); RFC 2697 in its one-rate form.
 *
 * <p>Over any time a caller is admitted at most {@code burst + rate × time} requests. Memory is
 * bounded by {@code maxCallers}: where there are more, the caller that asked least recently is
 * forgotten, and comes back with a full bucket. Callers whose bucket is full again lose nothing by
 * that; only where more than {@code maxCallers} callers come within the time that a bucket takes to
 * fill ({@code burst / rate}) are debts forgiven, which the counter {@code forgiven} shows.
 */
public final class TokenBucket implements Provider<RateLimiter, TokenBucket.Options> {

  private static final double RATE = 10;
  private static final int BURST = 5;
  private static final int MAX_CALLERS = 100_000;

  /** Whose requests share a bucket. */
  public enum Per {
    /** Those from one network address. */
    IP,
    /** Those with one API key; those without any are told apart by their address. */
    KEY,
    /** Those of one tenant. */
    TENANT
  }

  /**
   * Options.
   *
   * @param per whose requests share a bucket
   * @param rate requests per second that fill it, 0.001 to 1,000,000, to three decimals
   * @param burst requests that it holds, at least 1
   * @param groupIpv6 whether the addresses of one IPv6 /64 network, which is what one customer
   *     gets, count as one; for {@code per: ip}
   * @param maxCallers how many buckets are kept
   */
  @Doc("A bucket of requests for each caller, filled at a rate; who finds it empty gets 429.")
  public record Options(
      @Doc("whose requests share a bucket: ip, key or tenant") @Default("ip") Per per,
      @Doc("requests per second that fill a bucket, to three decimals")
          @Default("" + RATE)
          @Range(min = 0.001, max = 1_000_000)
          @Unit("requests/s")
          double rate,
      @Doc("requests that a bucket holds")
          @Default("" + BURST)
          @Range(min = 1, max = 1_000_000)
          @Unit("requests")
          int burst,
      @Doc("whether the addresses of one IPv6 /64 network count as one") @Default("true")
          boolean groupIpv6,
      @Doc("how many buckets are kept; beyond, who asked least recently starts anew")
          @Default("" + MAX_CALLERS)
          @Range(min = 1, max = 10_000_000)
          @Unit("callers")
          int maxCallers) {

    /** With another rate, in requests per second. */
    public Options rate(double requestsPerSecond) {
      return new Options(per, requestsPerSecond, burst, groupIpv6, maxCallers);
    }

    /** With another burst, in requests. */
    public Options burst(int requests) {
      return new Options(per, rate, requests, groupIpv6, maxCallers);
    }

    /** With each IPv6 address for itself (false), or a /64 network as one (true). */
    public Options groupIpv6(boolean group) {
      return new Options(per, rate, burst, group, maxCallers);
    }

    /** With another bound on the number of buckets. */
    public Options maxCallers(int callers) {
      return new Options(per, rate, burst, groupIpv6, callers);
    }

    /** The plugin with these options. */
    public Plugin<RateLimiter> plugin() {
      return Plugin.of(new TokenBucket(), this);
    }
  }

  /** The defaults: 10 requests per second and address, bursts of 5. */
  public static Options defaults() {
    return per(Per.IP);
  }

  /** A bucket for each address, key or tenant. */
  public static Options per(Per whose) {
    return new Options(whose, RATE, BURST, true, MAX_CALLERS);
  }

  @Override
  public Class<RateLimiter> kind() {
    return RateLimiter.class;
  }

  @Override
  public String name() {
    return "token-bucket";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public RateLimiter create(Options options, PluginContext context) {
    return new TokenBucketLimiter(options, context);
  }
}
