package dev.forebay.simulation;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;

/**
 * What makes a server's speed depend on contexts and on the mix of a batch. The defaults are about
 * DeepSeek-V3 (arXiv 2412.19437: 61 layers, 128 heads, 37 billion parameters active for a token) on
 * H800. Their arithmetic:
 *
 * <ul>
 *   <li><b>Context of decoding requests.</b> Latent attention multiplies, for each token of context
 *       and head, 576 + 512 numbers, two operations each, in each layer: 61 × 2 × 128 × 1,088 =
 *       17.0 million operations. FlashMLA does 580 × 10<sup>12</sup> operations/s on an H800 (its
 *       README): 29.3 ns.
 *   <li><b>Attention in prefill.</b> A token of a prompt needs 2 × 37 × 10<sup>9</sup> = 74 × 10
 *       <sup>9</sup> operations for its parameters, and 61 × 2 × 128 × (192 + 128) = 5.0 million
 *       for each token before it: both are equal at 74,000 ÷ 5.0 = 14,800 tokens.
 *   <li><b>Overlap.</b> Prefill is bound by computing, decoding by memory. "SARATHI" (arXiv
 *       2308.16369, LLaMA-13B on an A6000): decoding costs up to an order of magnitude less in a
 *       step that has prefill to do, so 0.9 of the shorter part is hidden.
 *   <li><b>Tokens of a step.</b> Decoding requests take their tokens of the step's budget first, as
 *       in Sarathi-Serve and vLLM.
 *   <li><b>The prefix cache</b> of DeepSeek's service is on disk, so it takes no memory by default;
 *       that of vLLM and SGLang is what running requests leave of the memory.
 * </ul>
 *
 * @param decodeNanosPerContextToken nanoseconds that a token of context adds to a decode step, at
 *     least 0
 * @param quadraticTokens tokens before a token of a prompt at which attention to them takes as long
 *     as everything else; 0 if attention takes no time
 * @param overlap share of the shorter of prefill and decoding that a mixed step hides, 0 (one after
 *     the other) to 1 (the longer one alone)
 * @param decodeInBudget whether tokens of decoding requests count as tokens of a step
 * @param cacheInMemory whether the prefix cache has only the memory that running requests leave. A
 *     block that both a running request and the cache have counts for both
 */
@Doc("What makes a server's speed depend on contexts and on the mix of a batch.")
public record ServerEffects(
    @Default("29.3")
        @Unit("ns")
        @Range(min = 0, max = 1e6)
        @Doc(
            "Time that each token of context adds to a decode step: DeepSeek-V3's attention at"
                + " FlashMLA's speed on H800.")
        double decodeNanosPerContextToken,
    @Default("14800")
        @Unit("tokens")
        @Range(min = 0, max = 1_000_000_000_000L)
        @Doc(
            "How far into a prompt attention to what is before takes as long as everything else"
                + " (DeepSeek-V3); 0: it takes no time.")
        double quadraticTokens,
    @Default("0.9")
        @Range(min = 0, max = 1)
        @Doc(
            "Share of the shorter of prefill and decoding that a mixed step hides (SARATHI:"
                + " decoding costs a tenth); 0: one after the other.")
        double overlap,
    @Default("true")
        @Doc(
            "Whether decoding requests take their tokens of a step's budget first (Sarathi-Serve).")
        boolean decodeInBudget,
    @Default("false")
        @Doc(
            "Whether the prefix cache has only the memory that running requests leave, as in vLLM;"
                + " DeepSeek's is on disk.")
        boolean cacheInMemory) {

  /** The defaults. */
  public static final ServerEffects DEFAULT = new ServerEffects(29.3, 14_800, 0.9, true, false);

  /** A constant speed: prefill and decoding one after the other, whatever the context. */
  public static final ServerEffects NONE = new ServerEffects(0, 0, 0, false, false);

  /** Checks bounds. */
  public ServerEffects {
    notNegative("decodeNanosPerContextToken", decodeNanosPerContextToken);
    notNegative("quadraticTokens", quadraticTokens);
    if (!(overlap >= 0 && overlap <= 1)) {
      throw new IllegalArgumentException("overlap: " + overlap + " (expected: 0 to 1)");
    }
  }

  /**
   * Work of prefill, in tokens at the start of a prompt.
   *
   * @param before tokens of context before them, at least 0
   * @param tokens to be computed, at least 0
   */
  public double prefillWork(double before, double tokens) {
    return quadraticTokens == 0 ? tokens : tokens * (1 + (before + tokens / 2) / quadraticTokens);
  }

  /** How long two parts of a step take together. */
  double overlapped(double one, double other) {
    return Math.max(one, other) + (1 - overlap) * Math.min(one, other);
  }

  private static void notNegative(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
    }
  }
}
