package dev.forebay.limiting.gradient2;

import dev.forebay.spi.ConcurrencyLimiter;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;

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
 */
public final class Gradient2 implements Provider<ConcurrencyLimiter, Gradient2.Options> {

  private static final int INITIAL = 20;
  private static final int MIN = 4;
  private static final int MAX = 1000;
  private static final double SMOOTHING = 0.2;
  private static final double TOLERANCE = 1.5;
  private static final int QUEUE = 4;
  private static final int SHORT_WINDOW = 100;
  private static final int LONG_WINDOW = 600;
  private static final double BACKOFF = 0.9;

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

  /**
   * Options.
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
  @Doc("Finds how many requests may be under way at once from how latency changes.")
  public record Options(
      @Doc("the limit to begin with")
          @Default("" + INITIAL)
          @Range(min = 1, max = 1_000_000)
          @Unit("requests")
          int initial,
      @Doc("the limit never falls below it")
          @Default("" + MIN)
          @Range(min = 1, max = 1_000_000)
          @Unit("requests")
          int min,
      @Doc("the limit never grows above it")
          @Default("" + MAX)
          @Range(min = 1, max = 1_000_000)
          @Unit("requests")
          int max,
      @Doc("how much of each new limit is taken")
          @Default("" + SMOOTHING)
          @Range(min = 0, exclusiveMin = true, max = 1)
          double smoothing,
      @Doc("how many times the long-term latency is still no reason to lower the limit")
          @Default("" + TOLERANCE)
          @Range(min = 1, max = 100)
          double tolerance,
      @Doc("requests that may queue in the upstream; the limit grows by it")
          @Default("" + QUEUE)
          @Range(min = 0, max = 10_000)
          @Unit("requests")
          int queue,
      @Doc("whether that is all (fixed), or grows with the limit (square-root)") @Default("fixed")
          QueueSize queueSize,
      @Doc("which latency is the sample: first-content, or total for answers of equal length")
          @Default("first-content")
          Latency latency,
      @Doc("answers in the mean that is compared with the long term")
          @Default("" + SHORT_WINDOW)
          @Range(min = 1, max = 10_000)
          @Unit("answers")
          int shortWindow,
      @Doc("short windows over which the long-term mean is smoothed")
          @Default("" + LONG_WINDOW)
          @Range(min = 2, max = 1_000_000)
          @Unit("windows")
          int longWindow,
      @Doc(
              "what the limit is multiplied with after a short window of overload; less where only a share was")
          @Default("" + BACKOFF)
          @Range(min = 0.1, max = 1)
          double backoff) {

    /** With other bounds of the limit. */
    public Options between(int least, int most) {
      return with(least, most, smoothing, tolerance, latency);
    }

    /** With another smoothing. */
    public Options smoothing(double share) {
      return with(min, max, share, tolerance, latency);
    }

    /** With another tolerance. */
    public Options tolerance(double times) {
      return with(min, max, smoothing, times, latency);
    }

    /** With another latency as the sample. */
    public Options latency(Latency sample) {
      return with(min, max, smoothing, tolerance, sample);
    }

    /** The plugin with these options. */
    public Plugin<ConcurrencyLimiter> plugin() {
      return Plugin.of(new Gradient2(), this);
    }

    private Options with(int least, int most, double share, double times, Latency sample) {
      return new Options(
          initial,
          least,
          most,
          share,
          times,
          queue,
          queueSize,
          sample,
          shortWindow,
          longWindow,
          backoff);
    }
  }

  /** The defaults: from 20, between 4 and 1,000. */
  public static Options defaults() {
    return initial(INITIAL);
  }

  /** A limit that begins with that many requests. */
  public static Options initial(int requests) {
    return new Options(
        requests,
        MIN,
        MAX,
        SMOOTHING,
        TOLERANCE,
        QUEUE,
        QueueSize.FIXED,
        Latency.FIRST_CONTENT,
        SHORT_WINDOW,
        LONG_WINDOW,
        BACKOFF);
  }

  @Override
  public Class<ConcurrencyLimiter> kind() {
    return ConcurrencyLimiter.class;
  }

  @Override
  public String name() {
    return "gradient2";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ConcurrencyLimiter create(Options options, PluginContext context) {
    if (options.initial() < options.min() || options.initial() > options.max()) {
      throw new IllegalArgumentException(
          "initial: %d (expected: from min, %d, to max, %d)"
              .formatted(options.initial(), options.min(), options.max()));
    }
    return new Gradient2Limiter(options, context);
  }
}
