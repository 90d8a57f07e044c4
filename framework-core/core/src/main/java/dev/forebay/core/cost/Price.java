package dev.forebay.core.cost;

import dev.forebay.spi.Usage;

/**
 * What tokens cost at one moment, in US dollars per million: three prices, because a prompt token
 * that the upstream had in its prefix cache costs a thirtieth to a fiftieth of one that it had not.
 *
 * @param cachedPrompt prompt tokens that the upstream had cached
 * @param prompt other prompt tokens
 * @param output tokens of answers, reasoning included
 */
public record Price(double cachedPrompt, double prompt, double output) {

  /** Nothing costs anything. */
  public static final Price FREE = new Price(0, 0, 0);

  private static final double MILLION = 1e6;

  /** The cost of some tokens, in US dollars. */
  public double of(long cachedTokens, long uncachedTokens, long outputTokens) {
    return (cachedTokens * cachedPrompt + uncachedTokens * prompt + outputTokens * output)
        / MILLION;
  }

  /** The cost of what was used, in US dollars. */
  public double of(Usage usage) {
    int cached = Math.min(usage.cachedTokens(), usage.promptTokens());
    return of(cached, usage.promptTokens() - (long) cached, usage.completionTokens());
  }

  Price times(double factor) {
    return factor == 1 ? this : new Price(cachedPrompt * factor, prompt * factor, output * factor);
  }
}
