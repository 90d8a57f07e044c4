package dev.forebay.caching.tiered;

import dev.forebay.spi.Counter;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/** What one tier is given: the context of the whole, under a name and with chance of its own. */
final class TierContext implements PluginContext {

  private final String tier;
  private final PluginContext whole;
  private final RandomGenerator random;

  TierContext(String tier, PluginContext whole) {
    this.tier = tier;
    this.whole = whole;
    this.random = new SplittableRandom(whole.random().nextLong());
  }

  @Override
  public String name() {
    return whole.name() + "/" + tier;
  }

  @Override
  public Timeline timeline() {
    return whole.timeline();
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public Counter counter(String name) {
    return whole.counter(tier + "." + name);
  }

  @Override
  public void gauge(String name, DoubleSupplier value) {
    whole.gauge(tier + "." + name, value);
  }

  @Override
  public <T> Optional<T> resource(Class<T> type) {
    return whole.resource(type);
  }
}
