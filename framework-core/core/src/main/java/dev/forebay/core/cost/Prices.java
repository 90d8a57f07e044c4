package dev.forebay.core.cost;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.DayOfWeek;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What tokens cost, by model and time of day. The one price list: of a gateway, of a replay, of
 * reports.
 *
 * @param preset prices that come with Forebay
 * @param models prices by model; they come before those of the preset
 * @param cachedPrompt of models without a price of their own; null where they cost as much as
 *     others
 * @param prompt of models without a price of their own; null where those have none
 * @param output of models without a price of their own; null where those have none
 * @param header whether whole answers say in {@code x-forebay-cost} what they cost
 */
@RecordBuilder
@Doc("What tokens cost, by model and time of day.")
public record Prices(
    @Doc("Prices that come with Forebay.") @Default("none") Preset preset,
    @Doc("Prices by model; they come before those of the preset.") @Default("{}")
        Map<String, ModelPrice> models,
    @Doc("Cached prompt tokens of models without a price of their own.")
        @Range(min = 0, max = 1e6)
        @Unit("USD per million")
        @Nullable Double cachedPrompt,
    @Doc("Other prompt tokens of models without a price of their own.")
        @Range(min = 0, max = 1e6)
        @Unit("USD per million")
        @Nullable Double prompt,
    @Doc("Tokens of answers of models without a price of their own.")
        @Range(min = 0, max = 1e6)
        @Unit("USD per million")
        @Nullable Double output,
    @Doc("Whether whole answers say in x-forebay-cost what they cost.") @Default("false")
        boolean header)
    implements PricesBuilder.With {

  /** No price for anything. */
  public static final Prices NONE = new Prices(Preset.NONE, Map.of(), null, null, null, false);

  /**
   * DeepSeek's prices as of October 2026; peak hours are 01:00 to 04:00 and 06:00 to 10:00 UTC on
   * working days in China. Its public holidays change each year: name them in {@code except}.
   */
  public static final Prices DEEPSEEK =
      new Prices(Preset.DEEPSEEK, Map.of(), null, null, null, false);

  private static final Map<String, ModelPrice> DEEPSEEK_MODELS = deepSeek();

  /** Prices that come with Forebay. */
  public enum Preset {
    /** None. */
    NONE,
    /** DeepSeek's, as of October 2026 (api-docs.deepseek.com, pricing). */
    DEEPSEEK
  }

  /** Checks that the prices of other models are complete, and copies. */
  public Prices {
    models = Map.copyOf(new LinkedHashMap<>(models));
    if ((prompt == null) != (output == null) || (prompt == null && cachedPrompt != null)) {
      throw new IllegalArgumentException(
          "prompt: " + prompt + ", output: " + output + " (expected: both or none)");
    }
  }

  /** Prices of one model, beside those that are there. */
  public Prices with(String model, ModelPrice price) {
    Map<String, ModelPrice> more = new LinkedHashMap<>(models);
    more.put(model, price);
    return withModels(more);
  }

  /** These prices, said in a header of whole answers. */
  public Prices withHeader() {
    return withHeader(true);
  }

  /** Whether anything has a price. */
  public boolean any() {
    return prompt != null || !models.isEmpty() || preset != Preset.NONE;
  }

  /** Whether every model costs the same at any time. */
  public boolean flat() {
    return models.isEmpty() && preset == Preset.NONE;
  }

  /**
   * The price of a model's tokens at a time; {@link Price#FREE} where it has none.
   *
   * @param epochMillis in milliseconds since 1970 UTC
   */
  public Price of(String model, long epochMillis) {
    ModelPrice own = models.get(model);
    if (own == null) {
      own = preset == Preset.DEEPSEEK ? DEEPSEEK_MODELS.get(model) : null;
    }
    if (own != null) {
      return own.at(epochMillis);
    }
    return prompt == null || output == null
        ? Price.FREE
        : new Price(cachedPrompt == null ? prompt : cachedPrompt, prompt, output);
  }

  private static Map<String, ModelPrice> deepSeek() {
    List<DayOfWeek> workdays = List.of(DayOfWeek.values()).subList(0, 5);
    List<Tariff> peaks =
        List.of(new Tariff(List.of("01:00-04:00", "06:00-10:00"), workdays, List.of(), 2));
    return Map.of(
        "deepseek-flash", new ModelPrice(0.003, 0.15, 0.60, peaks),
        "deepseek-v4-pro", new ModelPrice(0.022, 0.66, 1.98, peaks));
  }
}
