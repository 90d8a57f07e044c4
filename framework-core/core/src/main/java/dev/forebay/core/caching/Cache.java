package dev.forebay.core.caching;

import dev.forebay.core.kernel.HeaderNames;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.Shared;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ResponseCache;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Map;

/**
 * The stage {@code cache}: answers from a cache, and lets identical requests share one call.
 *
 * @param store where the answers are
 * @param singleFlight whether identical requests share one call while it runs
 * @param maxAnswer bytes of an answer that is recorded, with 100 for each chunk; a longer one is
 *     passed on, not stored
 * @param maxLookup how long a store may take to look up; later it is a miss
 * @param cacheable what may be cached
 * @param stale how old an answer may be
 * @param replay at which pace a stored stream is given again
 * @param hotRequests how many of the hottest requests are remembered, with their bodies; 0 for none
 */
@Doc("Answers from a cache, and lets identical requests share one call.")
@RecordBuilder
public record Cache(
    @Doc("Where the answers are.") Plugin<ResponseCache> store,
    @Doc("Whether identical requests share one call while it runs.") @Default("true")
        boolean singleFlight,
    @Doc("The longest answer that is recorded; a longer one is passed on, not stored.")
        @Default("4MiB")
        @Range(min = 1, max = 1 << 30)
        @Unit("bytes")
        long maxAnswer,
    @Doc("How long the store may take to look an answer up; later it is a miss.")
        @Default("1s")
        @Range(min = 0.001, max = 60)
        Duration maxLookup,
    @Doc("What may be cached.") @Default("{}") Cacheable cacheable,
    @Doc("How old an answer may be.") @Default("{}") Stale stale,
    @Doc("At which pace a stored stream is given again.") @Default("{}") Replay replay,
    @Doc(
            "How many of the hottest requests are remembered for export, with their bodies, that is"
                + " with prompts; 0 for none.")
        @Default("0")
        @Range(min = 0, max = 10_000)
        @Unit("requests")
        int hotRequests)
    implements Plugin<Filter>, CacheBuilder.With {

  /** A store, with the other options at their defaults. */
  public static Cache in(Plugin<ResponseCache> store) {
    return Options.defaults(Cache.class, Map.entry("store", store));
  }

  @Override
  public Filter create(PluginContext context) {
    return new CachingFilter(
        context.create(store),
        this,
        Shared.of(HeaderNames.class, context)::passed,
        Shared.of(RetryBudget.class, context),
        context,
        Shared.of(PluginErrors.class, context));
  }

  /**
   * What may be cached.
   *
   * @param maxTemperature a request that asks for more is passed by; one that names none is not
   * @param tools whether requests that offer tools are cached
   * @param users whether requests that name an end user are cached
   * @param maxRequest bytes of a request's body; a larger one is passed by
   */
  @Doc("What may be cached; the rest passes by, marked bypass, and is counted by reason.")
  public record Cacheable(
      @Doc("A request that asks for a higher temperature passes by; one that names none does not.")
          @Default("1")
          @Range(min = 0, max = 100)
          double maxTemperature,
      @Doc("Whether requests that offer tools are cached: their answers may be actions.")
          @Default("false")
          boolean tools,
      @Doc("Whether requests that name an end user are cached.") @Default("true") boolean users,
      @Doc("The largest body of a request that is cached.")
          @Default("1MiB")
          @Range(min = 0, max = 1L << 30)
          @Unit("bytes")
          long maxRequest) {}

  /**
   * How old an answer may be (RFC 5861, and one case more). The store must keep answers at least as
   * long as the longest of these together.
   *
   * @param fresh how long an answer is as good as new; 0 for as long as the store keeps it
   * @param whileRevalidate for how long after that it is given at once, while a new one is fetched
   * @param ifError for how long after that it is given where the backend fails
   * @param ifOverloaded for how long after that it is given where there is no capacity
   */
  @Doc("How old an answer may be; the store's time to live must be as long.")
  public record Stale(
      @Doc("How long an answer is fresh; 0 for as long as the store keeps it.")
          @Default("0s")
          @Range(min = 0, max = 31_536_000)
          Duration fresh,
      @Doc("How long after that it is given at once, while a new one is fetched.")
          @Default("0s")
          @Range(min = 0, max = 31_536_000)
          Duration whileRevalidate,
      @Doc("How long after that it is given where the backend fails.")
          @Default("0s")
          @Range(min = 0, max = 31_536_000)
          Duration ifError,
      @Doc("How long after that it is given where gateway or backend have no capacity.")
          @Default("0s")
          @Range(min = 0, max = 31_536_000)
          Duration ifOverloaded) {}

  /**
   * At which pace a stored stream is given again.
   *
   * @param pace how
   * @param tokensPerSecond how fast, where the pace is steady
   */
  @Doc("At which pace a stored stream is given again; a whole answer comes at once.")
  public record Replay(
      @Doc("At once, as it was recorded, or at a steady rate.") @Default("at-once") Pace pace,
      @Doc("How fast, where the pace is steady.")
          @Default("50")
          @Range(min = 0.1, max = 1e6)
          @Unit("tokens/s")
          double tokensPerSecond) {}

  /** A pace. */
  public enum Pace {
    /** As fast as it is read. */
    AT_ONCE,
    /** As the chunks came when it was recorded. */
    AS_RECORDED,
    /** So many tokens per second. */
    STEADY
  }
}
