package dev.forebay.spi;

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

  /** Where the plugin's decisions run, one at a time. */
  Timeline timeline();

  /** Chance, derived from the seed and the plugin's name. Used on the plugin's timeline only. */
  RandomGenerator random();

  /** A counter of this plugin, by its short name; the same name gives the same counter. */
  Counter counter(String name);

  /** A figure of this plugin that can be read at any time, on the plugin's timeline. */
  void gauge(String name, DoubleSupplier value);

  /**
   * Something that the host can lend, such as the Vert.x instance; empty where the host has none
   * (in virtual time there is no network).
   */
  <T> Optional<T> resource(Class<T> type);

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
