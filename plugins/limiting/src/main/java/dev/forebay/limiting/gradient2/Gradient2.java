package dev.forebay.limiting.gradient2;

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
 * Finds how many requests may be under way at once from how latency changes: {@code Gradient2Limit}
 * of Netflix's <a href="https://github.com/Netflix/concurrency-limits">concurrency-limits</a>, with
 * its tolerance, smoothing, long window and room for a queue.
 *
 * <p>What differs, because answers of language models take seconds and their length is the caller's
 * wish: the latency is by default that of the first content; windows are counted in requests, not
 * in time, and are long (with 10 instead of 100, the heavy tail of their latency drove the limit to
 * its floor in replays of recorded traffic); overload that the upstream reports (429, 503, stalled)
 * lowers the limit by itself, by its share of a window's answers, which {@code Gradient2Limit}
 * leaves to latency; bounds start lower.
 *
 * @param initial the limit to begin with, between {@code min} and {@code max}
 * @param min the limit never falls below it, at least 1
 * @param max the limit never grows above it
 * @param smoothing how much of each new limit is taken, above 0, to 1
 * @param tolerance how many times the long-term latency is still no reason to lower the limit
 * @param queue requests that may queue in the upstream, 0 or more: the limit grows by it
 * @param queueSize whether that is all, or grows with the limit
 * @param latency which latency is the sample
 * @param shortWindow answers in the mean that is compared with the long term, at least 1
 * @param longWindow short windows over which the long-term mean is smoothed, at least 2
 * @param backoff what the limit is multiplied with after a short window with overload in it
 */
@RecordBuilder
@Doc("Finds how many requests may be under way at once from how latency changes.")
public record Gradient2(
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
    @Doc("how much of each new limit is taken")
        @Default("0.2")
        @Range(min = 0, exclusiveMin = true, max = 1)
        double smoothing,
    @Doc("how many times the long-term latency is still no reason to lower the limit")
        @Default("1.5")
        @Range(min = 1, max = 100)
        double tolerance,
    @Doc("requests that may queue in the upstream; the limit grows by it")
        @Default("4")
        @Range(min = 0, max = 10_000)
        @Unit("requests")
        int queue,
    @Doc("whether that is all (fixed), or grows with the limit (square-root)") @Default("fixed")
        QueueSize queueSize,
    @Doc("which latency is the sample: first-content, or total for answers of equal length")
        @Default("first-content")
        Latency latency,
    @Doc("answers in the mean that is compared with the long term")
        @Default("100")
        @Range(min = 1, max = 10_000)
        @Unit("answers")
        int shortWindow,
    @Doc("short windows over which the long-term mean is smoothed")
        @Default("600")
        @Range(min = 2, max = 1_000_000)
        @Unit("windows")
        int longWindow,
    @Doc(
            "what the limit is multiplied with after a short window of overload; less where only a"
                + " share was")
        @Default("0.9")
        @Range(min = 0.1, max = 1)
        double backoff)
    implements Plugin<ConcurrencyLimiter>, Gradient2Builder.With {

  /** Which latency is the sample. */
  public enum Latency {
    /**
     * From sending to the first content: prefill and the upstream's queue, which is what grows when
     * there is too much at once. An answer that is not streamed speaks when it is complete, so
     * where most are not, latencies vary with their lengths; raise the tolerance then.
     */
    FIRST_CONTENT,
    /** From sending to the end; for answers of equal length, such as embeddings. */
    TOTAL
  }

  /** How much queue in the upstream counts as healthy, so that the limit can grow. */
  public enum QueueSize {
    /** {@code queue} requests. */
    FIXED,
    /** The square root of the limit, and at least {@code queue} requests. */
    SQUARE_ROOT
  }

  /** The defaults: from 20, between 4 and 1,000. */
  public static Gradient2 defaults() {
    return Options.defaults(Gradient2.class);
  }

  /** A limit that begins with that many requests. */
  public static Gradient2 initial(int requests) {
    return defaults().withInitial(requests);
  }

  @Override
  public ConcurrencyLimiter create(PluginContext context) {
    return new Gradient2Limiter(this, context);
  }
}
