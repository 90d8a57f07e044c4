package dev.forebay.core.cost;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tokens of one model cost, and when they cost more.
 *
 * @param cachedPrompt prompt tokens that the upstream had cached; null where they cost as much as
 *     others
 * @param prompt other prompt tokens
 * @param output tokens of answers, reasoning included
 * @param peaks when they cost more; the first that covers a time counts
 */
@Doc("What the tokens of one model cost, and when they cost more.")
public record ModelPrice(
    @Doc("Prompt tokens that the upstream had cached; without it, they cost as much as others.")
        @Range(min = 0, max = 1e6)
        @Unit("USD per million")
        @Nullable Double cachedPrompt,
    @Doc("Other prompt tokens.") @Range(min = 0, max = 1e6) @Unit("USD per million") double prompt,
    @Doc("Tokens of answers, reasoning included.")
        @Range(min = 0, max = 1e6)
        @Unit("USD per million")
        double output,
    @Doc("When they cost more; the first that covers a time counts.") @Default("[]")
        List<Tariff> peaks) {

  /** Copies. */
  public ModelPrice {
    peaks = List.copyOf(peaks);
  }

  /** The price at a time, in milliseconds since 1970 UTC. */
  public Price at(long epochMillis) {
    Price base = new Price(cachedPrompt == null ? prompt : cachedPrompt, prompt, output);
    for (Tariff peak : peaks) {
      if (peak.covers(epochMillis)) {
        return base.times(peak.factor());
      }
    }
    return base;
  }
}
