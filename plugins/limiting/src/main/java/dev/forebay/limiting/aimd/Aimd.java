package dev.forebay.limiting.aimd;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * Additive increase, multiplicative decrease (D.-M. Chiu and R. Jain, Analysis of the Increase and
 * Decrease Algorithms for Congestion Avoidance in Computer Networks, 1989): one request more for
 * each limit's worth of answers while at least half of the limit is used, and a part less when the
 * upstream reports overload, or speaks too late.
 *
 * <p>It learns from no latency but the bound, so the bound has to be longer than the prefill of the
 * longest prompts. Of many endpoints, one that fails lowers the limit of all: if that is to be
 * expected, take {@code knee}.
 *
 * @param initial the limit to begin with, between {@code min} and {@code max}
 * @param min the limit never falls below it, at least 1
 * @param max the limit never grows above it
 * @param backoff what the limit is multiplied with at overload; requests that began before do not
 *     lower it again
 * @param firstContent an answer whose first content takes longer is overload; one that is not
 *     streamed has its first content at its end
 */
@RecordBuilder
@Doc("One request more for each round of answers, and a part less at overload.")
public record Aimd(
    @Doc("the limit to begin with")
        @Default("20")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int initial,
    @Doc("the limit never falls below it")
        @Default("4")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int min,
    @Doc("the limit never grows above it")
        @Default("1000")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int max,
    @Doc("what the limit is multiplied with at overload")
        @Default("0.9")
        @Range(min = 0.1, max = 0.99)
        double backoff,
    @Doc("an answer whose first content takes longer counts as overload")
        @Default("1s")
        @Range(min = 0, max = 86_400, exclusiveMin = true)
        Duration firstContent)
    implements Plugin<ConcurrencyLimiter>, AimdBuilder.With {

  /** The defaults: from 20, between 4 and 1,000. */
  public static Aimd defaults() {
    return Options.defaults(Aimd.class);
  }

  @Override
  public ConcurrencyLimiter create(PluginContext context) {
    return new AimdLimiter(this, context);
  }
}
