package dev.forebay.config;

import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Shape;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one strict reader of options: a mapping becomes a record, and everything that is wrong is
 * reported.
 *
 * <p>What a record can hold is said at {@link Options} and {@link Shape}. {@link
 * dev.forebay.spi.options.Range} bounds numbers, durations in seconds and sizes in bytes, also
 * those in a list or map.
 */
public final class OptionsReader {

  private final @Nullable Registry registry;

  /** For records without plugins. */
  public OptionsReader() {
    this.registry = null;
  }

  /** For records that may hold a {@link dev.forebay.spi.Plugin} of the registry. */
  public OptionsReader(Registry registry) {
    this.registry = registry;
  }

  /**
   * Reads a mapping.
   *
   * @param node a mapping; null counts as an empty one
   * @param mistakes takes what is wrong
   * @return null where something is wrong
   * @throws IllegalArgumentException where the record has a component that cannot be read
   */
  public <R extends Record> @Nullable R read(Class<R> type, Node node, Mistakes mistakes) {
    return read(type, node, Set.of(), mistakes);
  }

  /**
   * Reads a mapping.
   *
   * @throws ConfigException listing everything that is wrong
   */
  public <R extends Record> R read(Class<R> type, Node node) {
    Mistakes mistakes = new Mistakes();
    R record = read(type, node, mistakes);
    if (record == null) {
      throw mistakes.exception();
    }
    return record;
  }

  /** The keys of a record's options, in order. */
  public static List<String> keys(Class<? extends Record> type) {
    return Options.of(type).names();
  }

  /**
   * As {@link #read(Class, Node, Mistakes)}, but some keys of the mapping are read elsewhere.
   *
   * @param foreign those keys; a message about an unknown key lists them, too
   */
  public <R extends Record> @Nullable R read(
      Class<R> type, Node node, Set<String> foreign, Mistakes mistakes) {
    int before = mistakes.count();
    Record read = new Reading(registry, mistakes).record(type, node, foreign);
    return mistakes.count() == before ? type.cast(read) : null;
  }

  /** The keys of a record: those of its options, and the names of plugins that may be keys. */
  public List<String> known(Class<? extends Record> type) {
    return new Reading(registry, new Mistakes()).known(Options.of(type));
  }

  /**
   * Reads every default of a record, so that a wrong one shows early; plugins are not looked up.
   */
  static void checkDefaults(Class<? extends Record> type, Mistakes mistakes) {
    Options options = Options.of(type);
    for (Option option : options.all()) {
      if (option.fallback() != null && !(option.shape() instanceof Shape.PluginOf)) {
        try {
          options.fallback(option);
        } catch (IllegalArgumentException e) {
          Place place = PluginPlaces.of(type, option.name());
          String shown = option.secret() ? "***" : option.fallback();
          mistakes.add(place, "default " + shown, option.expected());
        }
      }
    }
  }
}
