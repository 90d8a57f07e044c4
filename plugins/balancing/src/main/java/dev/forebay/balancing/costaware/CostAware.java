package dev.forebay.balancing.costaware;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Balancer;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The cheapest endpoint that has room: prices differ by the time of day (DeepSeek's off-peak hours)
 * and fall steeply for what the upstream has in its prefix cache. Greedy, as FrugalGPT's router (L.
 * Chen, M. Zaharia, J. Zou, 2023) with a cost model in the place of a learned one.
 *
 * @param prices of each endpoint by its id; others cost nothing, as a local model
 * @param peak hours of the day, in UTC, at which peak prices hold
 * @param peakOnWeekends whether they hold on Saturdays and Sundays too
 * @param room requests in flight that an endpoint of weight 1 has room for; the rest goes to dearer
 *     ones
 * @param expectedOutput tokens of an answer whose caller gave no bound
 * @param blockTokens tokens of a block of a prompt's prefix
 * @param maxBlocks blocks of prompts that are remembered, to foresee cache hits
 */
@RecordBuilder
@Doc("Chooses the cheapest endpoint that has room, by time of day and expected cache hits.")
public record CostAware(
    @Doc("Prices of each endpoint, by its id; others cost nothing.") @Default("{}")
        Map<String, Price> prices,
    @Doc("Hours of the day, in UTC, at which peak prices hold.") @Default("[]") List<Hours> peak,
    @Doc("Whether peak prices hold on Saturdays and Sundays, too.") @Default("false")
        boolean peakOnWeekends,
    @Doc("Requests in flight that an endpoint of weight 1 has room for.")
        @Default("32")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int room,
    @Doc("Tokens of an answer whose caller gave no bound.")
        @Default("256")
        @Range(min = 0, max = 1_000_000)
        @Unit("tokens")
        int expectedOutput,
    @Doc("Tokens of a block of a prompt's prefix.")
        @Default("512")
        @Range(min = 1, max = 1_000_000)
        @Unit("tokens")
        int blockTokens,
    @Doc("Blocks of prompts that are remembered, to foresee cache hits.")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        @Unit("blocks")
        int maxBlocks)
    implements Plugin<Balancer>, CostAwareBuilder.With {

  /** Copies. */
  public CostAware {
    prices = Map.copyOf(prices);
    peak = List.copyOf(peak);
  }

  /**
   * What an endpoint charges, in US dollars per million tokens.
   *
   * @param prompt of a prompt's tokens that are not cached
   * @param cachedPrompt of those that are
   * @param output of an answer's tokens
   * @param peakFactor how many times as much at peak hours
   */
  @Doc("What an endpoint charges, in US dollars per million tokens.")
  public record Price(
      @Doc("Tokens of a prompt that are not cached.")
          @Default("0")
          @Range(min = 0, max = 1e6)
          @Unit("USD/1M tokens")
          double prompt,
      @Doc("Tokens of a prompt that are cached.")
          @Default("0")
          @Range(min = 0, max = 1e6)
          @Unit("USD/1M tokens")
          double cachedPrompt,
      @Doc("Tokens of an answer.") @Default("0") @Range(min = 0, max = 1e6) @Unit("USD/1M tokens")
          double output,
      @Doc("How many times as much at peak hours.") @Default("1") @Range(min = 0, max = 1000)
          double peakFactor) {}

  /**
   * Hours of the day.
   *
   * @param from time since midnight UTC, included
   * @param to time since midnight UTC, not included
   */
  @Doc("Hours of the day, in UTC.")
  public record Hours(
      @Doc("When they begin, since midnight.") @Default("0s") @Range(min = 0, max = 86_400)
          Duration from,
      @Doc("When they end, since midnight.") @Default("24h") @Range(min = 0, max = 86_400)
          Duration to) {

    /** Checks the order. */
    public Hours {
      if (from.compareTo(to) >= 0) {
        throw new IllegalArgumentException("from: " + from + " (expected: before to, " + to + ")");
      }
    }
  }

  /** These prices, by the ids of endpoints, at all hours. */
  public static CostAware prices(Map<String, Price> prices) {
    return Options.defaults(CostAware.class).withPrices(prices);
  }

  @Override
  public Balancer create(PluginContext context) {
    return new CostAwareBalancer(this, context.timeline());
  }
}
