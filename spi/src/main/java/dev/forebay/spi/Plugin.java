package dev.forebay.spi;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A plugin with its options, ready to be made: what pipelines are composed of.
 *
 * @param <T> the kind of plugin
 */
public final class Plugin<T> {

  private final Class<T> kind;
  private final String name;
  private final @Nullable Record options;
  private final Function<PluginContext, T> maker;

  private Plugin(
      Class<T> kind, String name, @Nullable Record options, Function<PluginContext, T> maker) {
    this.kind = kind;
    this.name = name;
    this.options = options;
    this.maker = maker;
  }

  /** A plugin of a provider. */
  public static <T, O extends Record> Plugin<T> of(Provider<T, O> provider, O options) {
    return new Plugin<>(
        provider.kind(), provider.name(), options, context -> provider.create(options, context));
  }

  /** A plugin that code makes, without a provider. */
  public static <T> Plugin<T> of(Class<T> kind, String name, Function<PluginContext, T> maker) {
    return new Plugin<>(kind, name, null, maker);
  }

  /** The kind of plugin. */
  public Class<T> kind() {
    return kind;
  }

  /** The provider's name. */
  public String name() {
    return name;
  }

  /** The options; null where code makes the plugin. */
  public @Nullable Record options() {
    return options;
  }

  /** Makes it. */
  public T create(PluginContext context) {
    return maker.apply(context);
  }

  @Override
  public String toString() {
    return name;
  }
}
