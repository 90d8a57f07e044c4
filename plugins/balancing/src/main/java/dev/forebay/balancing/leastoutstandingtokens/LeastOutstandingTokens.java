package dev.forebay.balancing.leastoutstandingtokens;

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
 * The fewest tokens under way for its weight: least outstanding work, counted in what costs an
 * inference server time and memory (vLLM's router and Llumnix, B. Sun et al., OSDI 2024, balance by
 * tokens for the same reason).
 *
 * @param assumedOutput tokens that each request under way counts for besides those of its prompt
 *     and of its bound on the answer, which most callers do not set
 */
@RecordBuilder
@Doc("Chooses the endpoint with the fewest tokens under way for its weight; ties take turns.")
public record LeastOutstandingTokens(
    @Doc("Tokens that each request counts for beside its prompt and its own bound on the answer.")
        @Default("256")
        @Range(min = 0, max = 1_000_000)
        @Unit("tokens")
        int assumedOutput)
    implements Plugin<Balancer>, LeastOutstandingTokensBuilder.With {

  /** The defaults: 256 tokens for each request. */
  public static LeastOutstandingTokens defaults() {
    return Options.defaults(LeastOutstandingTokens.class);
  }

  @Override
  public Balancer create(PluginContext context) {
    return new LeastOutstandingTokensBalancer(assumedOutput);
  }
}
