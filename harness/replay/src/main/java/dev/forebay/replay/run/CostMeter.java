package dev.forebay.replay.run;

import dev.forebay.core.cost.Price;
import dev.forebay.core.cost.Prices;
import dev.forebay.simulation.TokenMeter;
import dev.forebay.spi.Timeline;
import java.util.ArrayList;
import java.util.List;

/**
 * The cost of all tokens that servers work on, wasted and recomputed ones included, at the price of
 * the minute in which they do. Where the prices name a backend in the place of a model, all tokens
 * of that backend have its price: one model at two providers.
 */
final class CostMeter implements TokenMeter {

  private static final long MILLIS_PER_MINUTE = 60_000;

  private final Prices prices;
  private final Timeline timeline;
  private String model = "";
  private long minute = -1;
  private Price price = Price.FREE;
  private double usd;
  private final List<CostMeter> backends = new ArrayList<>();

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

  /** The meter of one backend. */
  TokenMeter at(String backend) {
    if (!prices.models().containsKey(backend)) {
      return this;
    }
    CostMeter own = new CostMeter(prices, timeline);
    backends.add(own);
    return (asked, cached, computed, decoded) -> own.worked(backend, cached, computed, decoded);
  }

  /** US dollars so far, of all backends. */
  double usd() {
    return usd + backends.stream().mapToDouble(CostMeter::usd).sum();
  }
}
