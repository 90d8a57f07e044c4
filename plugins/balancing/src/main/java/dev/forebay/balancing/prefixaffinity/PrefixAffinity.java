package dev.forebay.balancing.prefixaffinity;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;

/**
 * The endpoint that was last sent the longest prefix of the prompt, so that its cache of keys and
 * values serves again, as long as its load allows (V. Srivatsa et al., Preble, ICLR 2025; SGLang's
 * cache-aware router).
 */
public final class PrefixAffinity implements Provider<Balancer, PrefixAffinity.Options> {

  /**
   * Options.
   *
   * @param maxBlocks blocks of prompts that are remembered at most
   * @param depth leading blocks of a prompt that count, at most
   * @param loadBound times its share of the requests in flight that an endpoint may have, at least
   *     1
   * @param always requests in flight that an endpoint may have in any case, at least 1
   */
  @Doc("Chooses who has the longest prefix of the prompt cached, within a bound on its load.")
  public record Options(
      @Doc("Blocks of prompts that are remembered, least recently used first out.")
          @Default("100000")
          @Range(min = 1, max = 10_000_000)
          @Unit("blocks")
          int maxBlocks,
      @Doc("Leading blocks of a prompt that count.")
          @Default("128")
          @Range(min = 1, max = 4096)
          @Unit("blocks")
          int depth,
      @Doc("Times its share, by weight, of the requests in flight that an endpoint may have.")
          @Default("1.5")
          @Range(min = 1, max = 1000)
          double loadBound,
      @Doc("Requests in flight that an endpoint of any weight may have in any case.")
          @Default("4")
          @Range(min = 1, max = 1_000_000)
          @Unit("requests")
          int always) {}

  /** This balancer, for a pipeline. */
  public static Plugin<Balancer> plugin() {
    return Plugin.of(new PrefixAffinity(), new Options(100_000, 128, 1.5, 4));
  }

  @Override
  public Class<Balancer> kind() {
    return Balancer.class;
  }

  @Override
  public String name() {
    return "prefix-affinity";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public Balancer create(Options options, PluginContext context) {
    return new PrefixAffinityBalancer(options);
  }
}
