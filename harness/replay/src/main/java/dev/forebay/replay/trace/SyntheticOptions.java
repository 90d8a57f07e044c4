package dev.forebay.replay.trace;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;

/**
 * Options of {@link SyntheticTrace}. The default lengths are those of Azure's conversations of
 * 2023.
 */
@Doc("Generated traffic, the same for the same seed.")
public record SyntheticOptions(
    @Doc("How many requests; 0 for as many as come within the seconds.")
        @Default("0")
        @Range(min = 0, max = TraceBuilder.MAX_REQUESTS)
        int requests,
    @Doc("How long requests arrive; 0 for as long as the number of requests takes.")
        @Default("600")
        @Unit("s")
        @Range(min = 0, max = 1e7)
        double seconds,
    @Doc("Mean rate outside bursts, later turns of sessions included.")
        @Default("10")
        @Unit("requests/s")
        @Range(min = 0, max = 1e5, exclusiveMin = true)
        double ratePerSecond,
    @Doc(
            "Coefficient of variation of the inter-arrival times (Gamma): 1 is Poisson, 0.1 nearly"
                + " even, more than 1 bursty.")
        @Default("1")
        @Range(min = 0.01, max = 30)
        double burstiness,
    @Doc("Flash crowds: how many times the rate inside a burst; 1 for none.")
        @Default("1")
        @Range(min = 0.01, max = 1000)
        double burstFactor,
    @Doc("How long each burst lasts.")
        @Default("30")
        @Unit("s")
        @Range(min = 0, max = 1e6, exclusiveMin = true)
        double burstSeconds,
    @Doc("Time before the first burst, and between two.")
        @Default("120")
        @Unit("s")
        @Range(min = 0, max = 1e6)
        double burstGapSeconds,
    @Doc(
            "Length of a cycle, such as a day, in which the rate rises to what it is and falls; 0:"
                + " none.")
        @Default("0")
        @Unit("s")
        @Range(min = 0, max = 1e7)
        double cycleSeconds,
    @Doc("The lowest rate of a cycle, as a share of the highest.")
        @Default("0.25")
        @Range(min = 0.01, max = 1)
        double cycleLeast,
    @Doc("Mean length of a prompt (lognormal), before a system prompt is added.")
        @Default("1155")
        @Unit("tokens")
        @Range(min = 1, max = 1e6)
        double promptTokensMean,
    @Doc("Median length of a prompt; at most the mean.")
        @Default("1020")
        @Unit("tokens")
        @Range(min = 1, max = 1e6)
        double promptTokensMedian,
    @Doc("Longest prompt; longer draws are cut to it.")
        @Default("14050")
        @Unit("tokens")
        @Range(min = 1, max = 1e7)
        int promptTokensMax,
    @Doc("Mean length of an answer (lognormal).")
        @Default("211")
        @Unit("tokens")
        @Range(min = 1, max = 1e6)
        double outputTokensMean,
    @Doc("Median length of an answer; at most the mean.")
        @Default("129")
        @Unit("tokens")
        @Range(min = 1, max = 1e6)
        double outputTokensMedian,
    @Doc("Longest answer; longer draws are cut to it.")
        @Default("1000")
        @Unit("tokens")
        @Range(min = 1, max = 1e7)
        int outputTokensMax,
    @Doc("Share of requests that ask a popular prompt; the others ask what nobody asked before.")
        @Default("0")
        @Range(min = 0, max = 1)
        double popularShare,
    @Doc("How many popular prompts there are.") @Default("1000") @Range(min = 1, max = 1_000_000)
        int popularPrompts,
    @Doc("Zipf exponent of their popularity: 0 for all alike.")
        @Default("1")
        @Range(min = 0, max = 10)
        double popularSkew,
    @Doc("How many system prompts there are, each shared by many requests; 0 for none.")
        @Default("0")
        @Range(min = 0, max = 100_000)
        int systemPrompts,
    @Doc("Length of a system prompt, which stands before the request's own.")
        @Default("1024")
        @Unit("tokens")
        @Range(min = 1, max = 1e6)
        int systemPromptTokens,
    @Doc("Zipf exponent of the popularity of system prompts.")
        @Default("1")
        @Range(min = 0, max = 10)
        double systemPromptSkew,
    @Doc("How many tokens a block of the prefix hashes covers.")
        @Default("256")
        @Unit("tokens")
        @Range(min = 1, max = 1 << 20)
        int blockTokens,
    @Doc("How many tenants there are; 0 for none.") @Default("0") @Range(min = 0, max = 1_000_000)
        int tenants,
    @Doc("Zipf exponent of the tenants' shares.") @Default("1") @Range(min = 0, max = 10)
        double tenantSkew,
    @Doc("Share of requests with the most urgent priority.") @Default("0") @Range(min = 0, max = 1)
        double vipShare,
    @Doc("Share of requests that can wait.") @Default("0") @Range(min = 0, max = 1)
        double batchShare,
    @Doc(
            "Share of first requests that open a session; its later turns carry the earlier ones"
                + " along.")
        @Default("0")
        @Range(min = 0, max = 1)
        double sessionShare,
    @Doc("Mean number of turns of a session (geometric).")
        @Default("4")
        @Range(min = 1, max = 10_000)
        double sessionTurnsMean,
    @Doc("Mean pause before the next turn of a session (exponential).")
        @Default("20")
        @Unit("s")
        @Range(min = 0, max = 1e6)
        double thinkSecondsMean,
    @Doc("Share of requests whose answer is streamed.") @Default("1") @Range(min = 0, max = 1)
        double streamShare,
    @Doc("Share of requests whose callers leave earlier than the others.")
        @Default("0")
        @Range(min = 0, max = 1)
        double hurriedShare,
    @Doc("When those callers leave, from arrival.")
        @Default("5")
        @Unit("s")
        @Range(min = 0, max = 1e6, exclusiveMin = true)
        double hurriedSeconds) {

  /** Checks bounds. */
  public SyntheticOptions {
    if (requests == 0 && seconds == 0) {
      throw new IllegalArgumentException("requests: 0 (expected: above 0, or seconds above 0)");
    }
    atMost("promptTokensMedian", promptTokensMedian, promptTokensMean);
    atMost("outputTokensMedian", outputTokensMedian, outputTokensMean);
    atMost("vipShare + batchShare", vipShare + batchShare, 1);
  }

  /** Every option at its default: 600 s of Poisson arrivals. */
  public static SyntheticOptions defaults() {
    return Options.defaults(SyntheticOptions.class);
  }

  /**
   * These options with another value of one of them.
   *
   * @throws IllegalArgumentException if there is no such option, or the value is out of bounds
   */
  public SyntheticOptions with(String option, double value) {
    return Options.with(this, option, Names.number(value));
  }

  private static void atMost(String name, double value, double bound) {
    if (value > bound) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: at most " + Numbers.plain(bound) + ")");
    }
  }
}
