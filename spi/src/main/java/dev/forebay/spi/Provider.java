package dev.forebay.spi;

/**
 * What makes plugins of one name, found by {@link java.util.ServiceLoader}.
 *
 * @param <T> the kind of plugin: {@link Balancer}, {@link RateLimiter} and so on
 * @param <O> its options: a record whose components carry {@link Default}, {@link Range}, {@link
 *     Unit} and {@link Doc}
 */
public interface Provider<T, O extends Record> {

  /** The kind of plugin that it makes. */
  Class<T> kind();

  /** The name that configurations use: lower case, words joined by hyphens; unique in its kind. */
  String name();

  /** The record of its options; its {@link Doc} describes the plugin. */
  Class<O> options();

  /**
   * Whether what it makes depends on {@link InferenceRequest#head()}. No trace can carry heads: a
   * replay then logs that the plugin sees none.
   */
  default boolean readsHead() {
    return false;
  }

  /**
   * Makes a plugin.
   *
   * @param options checked against their annotations
   * @throws IllegalArgumentException where options contradict each other; the message says which,
   *     and what was expected
   */
  T create(O options, PluginContext context);
}
