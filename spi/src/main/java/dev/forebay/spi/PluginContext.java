package dev.forebay.spi;

import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/**
 * The one door by which time, order and chance come to a plugin, and what it tells of itself goes
 * out.
 */
public interface PluginContext {

  /** The plugin's name, unique in its gateway, such as {@code rate-limit} or {@code pool/admit}. */
  String name();

  /** Runs the plugin's decisions, one at a time. */
  Timeline timeline();

  /** Chance, derived from the seed and the plugin's name. Used on the plugin's timeline only. */
  RandomGenerator random();

  /** A counter of this plugin, by its short name; the same name gives the same counter. */
  default Counter counter(String name) {
    return counters(name).of();
  }

  /** A figure of this plugin that can be read at any time, on the plugin's timeline. */
  default void gauge(String name, DoubleSupplier value) {
    gauges(name).of().set(value);
  }

  /** A histogram of this plugin; the same name gives the same histogram. */
  default Histogram histogram(String name, Buckets buckets) {
    return histograms(name, buckets).of();
  }

  /**
   * Counters of this plugin that labels tell apart.
   *
   * @param name by the rule of {@link dev.forebay.spi.metrics}
   * @throws IllegalArgumentException if the name breaks the rule, or is one of another metric, or
   *     the labels allow more than 100,000 series
   */
  Labelled<Counter> counters(String name, Label... labels);

  /** Gauges of this plugin that labels tell apart; as {@link #counters}. */
  Labelled<Gauge> gauges(String name, Label... labels);

  /**
   * Histograms of this plugin that labels tell apart; as {@link #counters}. The name ends with the
   * unit of the buckets.
   */
  Labelled<Histogram> histograms(String name, Buckets buckets, Label... labels);

  /**
   * Something that the host can lend, such as the Vert.x instance; empty if the host has none (in
   * virtual time there is no network).
   */
  <T> Optional<T> resource(Class<T> type);

  /**
   * The context of a part of this plugin: under this one's name and its own, with chance of its
   * own, and on the same timeline.
   *
   * @param part lower-case words joined by hyphens, such as {@code local}
   */
  PluginContext child(String part);

  /**
   * Makes a plugin that is an option of this one: under this one's name and its own, with chance of
   * its own, and on the same timeline. It is prepared, drained and closed with this one.
   *
   * @throws IllegalArgumentException if its options contradict each other
   */
  default <T> T create(Plugin<T> plugin) {
    return plugin.create(this);
  }
}
