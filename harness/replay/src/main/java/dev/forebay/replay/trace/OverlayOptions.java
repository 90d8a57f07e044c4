package dev.forebay.replay.trace;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;

/** Options of {@link Overlay}: what to give a trace that lacks it. By default, nothing. */
@Doc("What a trace lacks, made up by a seed and marked as synthetic; what it carries stays.")
public record OverlayOptions(
    @Doc("Share of the requests that is kept, drawn; 1 for all.")
        @Default("1")
        @Range(min = 0, max = 1, exclusiveMin = true)
        double keep,
    @Doc("Share of requests that ask a popular prompt; 0 for no overlay of prompts.")
        @Default("0")
        @Range(min = 0, max = 1)
        double popularShare,
    @Doc("How many popular prompts there are.") @Default("1000") @Range(min = 1, max = 1_000_000)
        int popularPrompts,
    @Doc("Zipf exponent of their popularity: 0 for all alike.")
        @Default("1")
        @Range(min = 0, max = 10)
        double popularSkew,
    @Doc("How many tenants share the requests; 0 for no overlay of tenants.")
        @Default("0")
        @Range(min = 0, max = 1_000_000)
        int tenants,
    @Doc("Zipf exponent of the tenants' shares.") @Default("1") @Range(min = 0, max = 10)
        double tenantSkew,
    @Doc("Share of requests with the most urgent priority.") @Default("0") @Range(min = 0, max = 1)
        double vipShare,
    @Doc("Share of requests that can wait.") @Default("0") @Range(min = 0, max = 1)
        double batchShare,
    @Doc("1 to infer sessions from prefixes that grow, 0 not to.")
        @Default("0")
        @Range(min = 0, max = 1)
        int inferSessions) {

  /** Checks bounds. */
  public OverlayOptions {
    if (vipShare + batchShare > 1) {
      throw new IllegalArgumentException(
          "vipShare + batchShare: " + (vipShare + batchShare) + " (expected: at most 1)");
    }
  }

  /** Every option at its default: nothing is added. */
  public static OverlayOptions defaults() {
    return Options.defaults(OverlayOptions.class);
  }

  /**
   * These options with another value of one of them.
   *
   * @throws IllegalArgumentException if there is no such option, or the value is out of bounds
   */
  public OverlayOptions with(String option, double value) {
    return Options.with(this, option, Names.number(value));
  }
}
