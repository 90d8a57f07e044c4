package dev.forebay.replay.run;

import dev.forebay.core.Price;
import dev.forebay.core.Prices;
import dev.forebay.simulation.TokenMeter;
import dev.forebay.spi.Timeline;

/**
 * The cost of all tokens that servers work on, wasted and recomputed ones included, at the price of
 * the minute in which they do.
 */
final class CostMeter implements TokenMeter {

  private static final long MILLIS_PER_MINUTE = 60_000;

  private final Prices prices;
  private final Timeline timeline;
  private String model = "";
  private long minute = -1;
  private Price price = Price.FREE;
  private double usd;

  CostMeter(Prices prices, Timeline timeline) {
    this.prices = prices;
    this.timeline = timeline;
  }

  @Override
  public void worked(String asked, int cached, int computed, int decoded) {
    long now = timeline.epochMillis() / MILLIS_PER_MINUTE;
    if (now != minute || !asked.equals(model)) {
      minute = now;
      model = asked;
      price = prices.of(asked, now * MILLIS_PER_MINUTE);
    }
    usd += price.of(cached, computed, decoded);
  }

  /** US dollars so far. */
  double usd() {
    return usd;
  }
}
