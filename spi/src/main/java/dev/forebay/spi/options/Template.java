package dev.forebay.spi.options;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Instance;

/**
 * The type of an option that is a plugin for each instance of a service. Configurations write the
 * plugin once; in its values {@code {id}}, {@code {host}}, {@code {port}} and {@code {address}}
 * (host and port) stand for those of the instance.
 *
 * @param <T> the kind of plugin
 */
@FunctionalInterface
public interface Template<T> {

  /**
   * The plugin for an instance.
   *
   * @throws IllegalArgumentException if the instance does not fit; the message says why
   */
  Plugin<T> of(Instance instance);
}
