package dev.forebay.balancing.iphash;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;

/**
 * Keeps the requests of one network address together: nginx's {@code ip_hash}, with rendezvous
 * hashing in the place of its table, so that only those move who must, and with a bound on load.
 */
public final class IpHash implements Provider<Balancer, IpHash.Options> {

  /**
   * Options.
   *
   * @param ipv4Bits leading bits of an IPv4 address that count, 8 to 32; nginx takes 24. IPv6
   *     addresses count whole, as there
   * @param loadBound times its share of the requests in flight that an endpoint may have, at least
   *     1
   * @param always requests in flight that an endpoint may have in any case, at least 1
   */
  @Doc("Keeps the requests of an address at one endpoint, within a bound on its load.")
  public record Options(
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
          int always) {}

  /** This balancer, by whole addresses, for a pipeline. */
  public static Plugin<Balancer> plugin() {
    return Plugin.of(new IpHash(), new Options(32, 2, 8));
  }

  @Override
  public Class<Balancer> kind() {
    return Balancer.class;
  }

  @Override
  public String name() {
    return "ip-hash";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public Balancer create(Options options, PluginContext context) {
    return new IpHashBalancer(options);
  }
}
