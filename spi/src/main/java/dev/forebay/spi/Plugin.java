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

  private final boolean readsHead;

  private Plugin(
      Class<T> kind,
      String name,
      @Nullable Record options,
      Function<PluginContext, T> maker,
      boolean readsHead) {
    this.kind = kind;
    this.name = name;
    this.options = options;
    this.maker = maker;
    this.readsHead = readsHead;
  }

  /** A plugin of a provider. */
  public static <T, O extends Record> Plugin<T> of(Provider<T, O> provider, O options) {
    return new Plugin<>(
        provider.kind(),
        provider.name(),
        options,
        context -> provider.create(options, context),
        provider.readsHead());
  }

  /** A plugin that code makes, without a provider. */
  public static <T> Plugin<T> of(Class<T> kind, String name, Function<PluginContext, T> maker) {
    return new Plugin<>(kind, name, null, maker, false);
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

  /** As {@link Provider#readsHead()} says; false if code makes the plugin. */
  public boolean readsHead() {
    return readsHead;
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
