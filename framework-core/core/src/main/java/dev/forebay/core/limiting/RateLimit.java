package dev.forebay.core.limiting;

import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.Shared;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.RateLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Map;

/**
 * The stage {@code rate-limit}: a limit of the caller's rate.
 *
 * @param by what decides
 * @param timeout how long the limiter may take to decide
 * @param onFailure what becomes of a request if it fails, or takes too long
 * @param passBelow requests under way behind the stage below which those over the limit pass and
 *     are counted as {@code passed_over_limit}; 0: none passes
 * @param quantile share of the answers without a bound of the caller's that are to be no longer
 *     than what is taken for them
 * @param firstAnswer tokens that are taken for an answer without a bound of which nothing is known
 * @param headers whether answers say how the limits stand
 */
@RecordBuilder
@Doc("Limits the rate of each caller.")
public record RateLimit(
    @Doc("What decides.") Plugin<RateLimiter> by,
    @Doc("How long the limiter may take to decide; then the request goes by on-failure.")
        @Default("1s")
        @Range(min = 0.001, max = 60)
        Duration timeout,
    @Doc("What becomes of a request if the limiter fails, or takes too long.") @Default("pass")
        OnFailure onFailure,
    @Doc(
            "Requests under way behind this stage below which requests over the limit pass all the"
                + " same, and are counted; 0: none passes.")
        @Default("0")
        @Range(min = 0, max = 1_000_000)
        @Unit("requests")
        int passBelow,
    @Doc(
            "Share of the answers without a bound of the caller's that are to be no longer than"
                + " what is taken for them: about the rest go over.")
        @Default("0.95")
        @Range(min = 0.5, max = 0.999)
        double quantile,
    @Doc(
            "Length that is taken for an answer without a bound, until 20 answers to the same"
                + " tenant, model and operation are known.")
        @Default("1024")
        @Range(min = 1, max = 10_000_000)
        @Unit("tokens")
        int firstAnswer,
    @Doc("Whether answers say how the limits stand, in x-ratelimit-… and RateLimit headers.")
        @Default("true")
        boolean headers)
    implements Plugin<Filter>, RateLimitBuilder.With {

  /** What becomes of a request whose limiter does not decide. */
  public enum OnFailure {
    /** It goes on: the limiter's store is gone, the capacity is not. */
    PASS,
    /** It is refused, with 503. */
    REFUSE
  }

  /** A limiter, with the other options at their defaults. */
  public static RateLimit by(Plugin<RateLimiter> limiter) {
    return Options.defaults(RateLimit.class, Map.entry("by", limiter));
  }

  @Override
  public Filter create(PluginContext context) {
    return new RateLimitFilter(
        context.create(by),
        this,
        new Expectations(Shared.of(Prices.class, context), quantile, firstAnswer),
        context,
        Shared.of(PluginErrors.class, context));
  }
}
