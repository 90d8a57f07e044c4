package dev.forebay.balancing.consistenthash;

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
 * Keeps the requests of one key together, whatever the key is: consistent hashing with bounded
 * loads (V. Mirrokni, M. Thorup, M. Zadimoghaddam, SODA 2018) over rendezvous hashing (D. Thaler,
 * C. Ravishankar, 1998). It remembers nothing, so several gateways choose alike.
 *
 * @param by the key; a request that has none goes by its address
 * @param loadBound times its share of the requests in flight that an endpoint may have, at least 1
 * @param always requests in flight that an endpoint may have in any case, at least 1
 */
@RecordBuilder
@Doc("Keeps the requests of a key at one endpoint, within a bound on its load.")
public record ConsistentHash(
    @Doc("What requests are kept together by; one that has none goes by its address.")
        @Default("session")
        By by,
    @Doc("Times its share, by weight, of the requests in flight that an endpoint may have.")
        @Default("1.25")
        @Range(min = 1, max = 1000)
        double loadBound,
    @Doc("Requests in flight that an endpoint of any weight may have in any case.")
        @Default("4")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int always)
    implements Plugin<Balancer>, ConsistentHashBuilder.With {

  /** What requests are kept together by. */
  public enum By {
    /** The conversation. */
    SESSION,
    /** The end user that the request names. */
    USER,
    /** The tenant. */
    TENANT,
    /** The API key. */
    KEY,
    /** The network address. */
    ADDRESS,
    /** The whole prompt: equal requests meet in one endpoint's cache. */
    PROMPT,
    /** The first block of the prompt: requests with one system prompt meet. */
    PREFIX
  }

  /** Requests that are kept together by that key. */
  public static ConsistentHash by(By key) {
    return Options.defaults(ConsistentHash.class).withBy(key);
  }

  @Override
  public Balancer create(PluginContext context) {
    return new ConsistentHashBalancer(this);
  }
}
