package dev.forebay.spi.options;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A plugin of which the class does not say what it is.
 *
 * @param kind the kind of plugin
 * @param name as messages show it
 * @param options the record that holds its options; null if it has none
 * @param maker makes an instance
 * @param readsHead as {@link Plugin#readsHead()}
 */
public record NamedPlugin<T>(
    Class<T> kind,
    String name,
    @Nullable Record options,
    Function<PluginContext, T> maker,
    boolean readsHead)
    implements Plugin<T> {

  /** A plugin that code makes, which configurations do not know. */
  public static <T> Plugin<T> of(Class<T> kind, String name, Function<PluginContext, T> maker) {
    return new NamedPlugin<>(kind, name, null, maker, false);
  }

  @Override
  public T create(PluginContext context) {
    return maker.apply(context);
  }

  /** Two with the same options are the same, also if code made one of them. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (options != null
            && other instanceof NamedPlugin<?> named
            && kind == named.kind
            && name.equals(named.name)
            && options.equals(named.options));
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
