package dev.forebay.balancing.leastoutstandingtokens;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;

/**
 * The fewest tokens under way for its weight: least outstanding work, counted in what costs an
 * inference server time and memory (vLLM's router and Llumnix, B. Sun et al., OSDI 2024, balance by
 * tokens for the same reason).
 */
public final class LeastOutstandingTokens
    implements Provider<Balancer, LeastOutstandingTokens.Options> {

  /**
   * Options.
   *
   * @param assumedOutput tokens that each request under way counts for besides those of its prompt
   *     and of its bound on the answer, which most callers do not set
   */
  @Doc("Chooses the endpoint with the fewest tokens under way for its weight; ties take turns.")
  public record Options(
      @Doc("Tokens that each request counts for beside its prompt and its own bound on the answer.")
          @Default("256")
          @Range(min = 0, max = 1_000_000)
          @Unit("tokens")
          int assumedOutput) {}

  /** This balancer, for a pipeline. */
  public static Plugin<Balancer> plugin() {
    return Plugin.of(new LeastOutstandingTokens(), new Options(256));
  }

  @Override
  public Class<Balancer> kind() {
    return Balancer.class;
  }

  @Override
  public String name() {
    return "least-outstanding-tokens";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public Balancer create(Options options, PluginContext context) {
    return new LeastOutstandingTokensBalancer(options.assumedOutput());
  }
}
