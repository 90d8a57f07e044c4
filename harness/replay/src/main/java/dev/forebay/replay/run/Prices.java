package dev.forebay.replay.run;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;

/**
 * What tokens cost, in US dollars per million.
 *
 * @param cachedPrompt prompt tokens that the prefix cache had
 * @param prompt prompt tokens that it had not
 * @param output tokens of answers
 */
@Doc("Prices of tokens; the defaults are those of deepseek-flash off-peak, October 2026.")
public record Prices(
    @Doc("Prompt tokens that the upstream had cached.")
        @Default("0.003")
        @Range(min = 0)
        @Unit("USD per million")
        double cachedPrompt,
    @Doc("Other prompt tokens.") @Default("0.15") @Range(min = 0) @Unit("USD per million")
        double prompt,
    @Doc("Tokens of answers.") @Default("0.60") @Range(min = 0) @Unit("USD per million")
        double output) {}
