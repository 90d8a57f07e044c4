package dev.forebay.core.retrying;

import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.Shared;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The stage {@code hedge}: asks a second endpoint if the first is slow to speak.
 *
 * @param delay time without content after which a second call is made; null for the percentile
 * @param percentile share of the model's times to first content that the delay exceeds
 * @param minSamples times that must be known before the percentile is used
 * @param minDelay the least delay, whatever the percentile says
 * @param maxShare extra calls per request, 0 to 1: for requests of priority 0, and as many for all
 *     others
 * @param maxCostShare cost of the prompts of extra calls, as a share of that of all requests, 0 to
 *     1: for requests of priority 0, and as much for all others
 * @param wholeAnswers whether answers that are not streamed are hedged, too
 */
@RecordBuilder
@Doc("Asks a second endpoint where the first is slow to speak; the first content wins.")
public record Hedge(
    @Doc(
            "Time without content after which a second call is made; without it, a percentile of"
                + " what was seen of late.")
        @Range(min = 0, max = 600, exclusiveMin = true)
        @Nullable Duration delay,
    @Doc("Share of the times to first content that the delay exceeds, by model.")
        @Default("0.95")
        @Range(min = 0.5, max = 0.999)
        double percentile,
    @Doc("Times that must be known before the percentile is used; before, nothing is hedged.")
        @Default("100")
        @Range(min = 1, max = HedgeFilter.WINDOW)
        int minSamples,
    @Doc("The least delay, whatever the percentile says.")
        @Default("10ms")
        @Range(min = 0, max = 600)
        Duration minDelay,
    @Doc(
            "Extra calls per request, at most: for requests of priority 0, and as many for all"
                + " others.")
        @Default("0.05")
        @Range(min = 0, max = 1)
        double maxShare,
    @Doc(
            "Cost of the prompts of extra calls, at most, as a share of that of all requests: for"
                + " requests of priority 0, and as much for all others.")
        @Default("0.1")
        @Range(min = 0, max = 1)
        @Unit("of the cost")
        double maxCostShare,
    @Doc("Whether answers that are not streamed are hedged, too: their first content is their end.")
        @Default("false")
        boolean wholeAnswers)
    implements Plugin<Filter>, HedgeBuilder.With {

  @Override
  public Filter create(PluginContext context) {
    return new HedgeFilter(
        this, Shared.of(RetryBudget.class, context), Shared.of(Prices.class, context), context);
  }
}
