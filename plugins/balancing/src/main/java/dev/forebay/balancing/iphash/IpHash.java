package dev.forebay.balancing.iphash;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Balancer;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * Keeps the requests of one network address together: nginx's {@code ip_hash}, with rendezvous
 * hashing in the place of its table, so that only those move who must, and with a bound on load.
 *
 * @param ipv4Bits leading bits of an IPv4 address that count, 8 to 32; nginx takes 24. IPv6
 *     addresses count whole, as there
 * @param loadBound times its share of the requests in flight that an endpoint may have, at least 1
 * @param always requests in flight that an endpoint may have in any case, at least 1
 */
@RecordBuilder
@Doc("Keeps the requests of an address at one endpoint, within a bound on its load.")
public record IpHash(
    @Doc("Leading bits of an IPv4 address that count (nginx: 24); IPv6 addresses count whole.")
        @Default("32")
        @Range(min = 8, max = 32)
        @Unit("bits")
        int ipv4Bits,
    @Doc("Times its share, by weight, of the requests in flight that an endpoint may have.")
        @Default("2")
        @Range(min = 1, max = 1000)
        double loadBound,
    @Doc("Requests in flight that an endpoint of any weight may have in any case.")
        @Default("8")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int always)
    implements Plugin<Balancer>, IpHashBuilder.With {

  /** The defaults: by whole addresses, twice the share of requests, and 8 in any case. */
  public static IpHash defaults() {
    return Options.defaults(IpHash.class);
  }

  @Override
  public Balancer create(PluginContext context) {
    return new IpHashBalancer(this);
  }
}
