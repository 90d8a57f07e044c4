package dev.forebay.spi;

/**
 * What pipelines are composed of: a description with all its options, from which an instance is
 * made when a gateway starts. Most plugins are records; their components are the options and carry
 * {@link dev.forebay.spi.options.Default Default}, {@link dev.forebay.spi.options.Range Range},
 * {@link dev.forebay.spi.options.Unit Unit} and {@link dev.forebay.spi.options.Doc Doc}. A record
 * that is named in {@code META-INF/services/dev.forebay.spi.Plugin} can be used in configurations:
 * its name is that of its class in kebab case, or as {@link dev.forebay.spi.Named Named} says, and
 * its kind is {@code T}.
 *
 * @param <T> the kind of plugin: {@link dev.forebay.spi.policy.Balancer Balancer}, {@link
 *     dev.forebay.spi.policy.RateLimiter RateLimiter} and so on
 */
@FunctionalInterface
public interface Plugin<T> {

  /**
   * Makes an instance.
   *
   * @return a new one each time, if it has state
   * @throws IllegalArgumentException if options contradict each other; the message says which, and
   *     what was expected, such as {@code burst: 1 (expected: at least the rate)}
   */
  T create(PluginContext context);

  /**
   * Whether what it makes depends on {@link InferenceRequest#head()}. No trace can carry heads: a
   * replay then logs that the plugin sees none.
   */
  default boolean readsHead() {
    return false;
  }
}
