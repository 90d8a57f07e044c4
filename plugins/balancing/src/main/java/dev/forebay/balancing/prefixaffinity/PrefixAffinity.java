package dev.forebay.balancing.prefixaffinity;

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
 * The endpoint that was last sent the longest prefix of the prompt, so that its cache of keys and
 * values serves again, as long as its load allows (V. Srivatsa et al., Preble, ICLR 2025; SGLang's
 * cache-aware router).
 *
 * @param maxBlocks blocks of prompts that are remembered at most
 * @param depth leading blocks of a prompt that count, at most
 * @param loadBound times its share of the requests in flight that an endpoint may have, at least 1
 * @param always requests in flight that an endpoint may have in any case, at least 1
 */
@RecordBuilder
@Doc("Chooses who has the longest prefix of the prompt cached, within a bound on its load.")
public record PrefixAffinity(
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
        @Default("1.25")
        @Range(min = 1, max = 1000)
        double loadBound,
    @Doc("Requests in flight that an endpoint of any weight may have in any case.")
        @Default("4")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int always)
    implements Plugin<Balancer>, PrefixAffinityBuilder.With {

  /** The defaults: 100,000 blocks, 128 of a prompt, and 1.25 times the share. */
  public static PrefixAffinity defaults() {
    return Options.defaults(PrefixAffinity.class);
  }

  @Override
  public Balancer create(PluginContext context) {
    return new PrefixAffinityBalancer(this);
  }
}
