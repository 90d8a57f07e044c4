package dev.forebay.limiting.knee;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * Finds how many requests inference servers can work on at once: it compares answers that began at
 * the limit with some that began a part below it, and grows while more requests at once are
 * answered in little more time.
 *
 * <p>The limit is lowered for the beginnings of 24 requests in each round of about 150. From both
 * sets come the time to the first content at comparable lengths of prompts, and the time for each
 * further token. Together they are the time W of an answer of the usual length, at n requests at
 * once. The throughput is n ÷ W, so 1 % more requests are {@code 1 − d ln W ÷ d ln n} % more
 * throughput: all of it while servers have room in their batches, nothing once requests only wait
 * there. If it is a half, throughput ÷ W is greatest: the optimal operating point of L. Kleinrock
 * (Power and Deterministic Rules of Thumb for Probabilistic Problems in Computer Communications,
 * ICC 1979). The default of {@code gain} is less, so that slots do not wait for the gateway:
 * servers keep a short line.
 *
 * <p>Only times of the same minutes are compared. So it does not drift, unlike limits that compare
 * with a mean of the past, which learns overload as normal.
 *
 * @param initial the limit to begin with, between {@code min} and {@code max}
 * @param min the limit never falls below it, at least 1
 * @param max the limit never grows above it
 * @param gain what 1 % more requests must give in throughput, in %, for the limit to grow
 * @param dip by which part the limit is lowered to compare
 * @param backoff what the limit is multiplied with after a window in which all answers were
 *     overload; less if only a share was
 */
@RecordBuilder
@Doc(
    "Finds how many requests inference servers can work on at once, from the time to the first"
        + " content and the time per token at more and at fewer requests.")
public record Knee(
    @Doc("the limit to begin with")
        @Default("64")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int initial,
    @Doc("the limit never falls below it")
        @Default("4")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int min,
    @Doc("the limit never grows above it")
        @Default("10000")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int max,
    @Doc("share of 1 % more throughput that 1 % more requests must give for the limit to grow")
        @Default("0.3")
        @Range(min = 0.05, max = 0.9)
        double gain,
    @Doc("by which part of it the limit is lowered for a few answers, to compare")
        @Default("0.25")
        @Range(min = 0.05, max = 0.5)
        double dip,
    @Doc("what the limit is multiplied with after 64 endings that were all overload; less for less")
        @Default("0.9")
        @Range(min = 0.1, max = 1)
        double backoff)
    implements Plugin<ConcurrencyLimiter>, KneeBuilder.With {

  /** The defaults: from 64, between 4 and 10,000. */
  public static Knee defaults() {
    return Options.defaults(Knee.class);
  }

  /** A limit that begins with that many requests. */
  public static Knee initial(int requests) {
    return defaults().withInitial(requests);
  }

  @Override
  public ConcurrencyLimiter create(PluginContext context) {
    return new KneeLimiter(this, context);
  }
}
