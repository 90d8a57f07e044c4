package dev.forebay.config;

import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Scalars;
import dev.forebay.spi.options.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    return type.cast(new Run(mistakes).record(type, node, Set.of()));
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
    return type.cast(new Run(mistakes).record(type, node, foreign));
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
          Place place = new Place(type.getName(), 0, 0, option.name());
          String shown = option.secret() ? "***" : option.fallback();
          mistakes.add(place, "default " + shown, option.expected());
        }
      }
    }
  }

  /** One reading. A value that is wrong is null, and is reported where that is found out. */
  private final class Run {

    private final Mistakes mistakes;

    Run(Mistakes mistakes) {
      this.mistakes = mistakes;
    }

    @Nullable Object record(Class<? extends Record> type, Node node, Set<String> foreign) {
      Options options = Options.of(type);
      if (node.kind() != Node.Kind.MAPPING && node.kind() != Node.Kind.NULL) {
        Node shown = options.holdsSecret() ? node.hidden() : node;
        mistakes.add(shown, new Shape.Nested(type).expected());
        return null;
      }
      int before = mistakes.count();
      boolean sound = checkKeys(options, node, foreign);
      @Nullable Object[] values = new @Nullable Object[options.all().size()];
      for (int i = 0; i < values.length; i++) {
        Option option = options.all().get(i);
        Node given = node.get(option.name());
        values[i] = option(options, option, given, node);
        sound &= values[i] != null || isNull(option, given);
      }
      return sound && mistakes.count() == before ? create(options, values, node) : null;
    }

    private boolean isNull(Option option, @Nullable Node given) {
      return option.nullable()
          && (given == null ? option.fallback() == null : given.kind() == Node.Kind.NULL);
    }

    private boolean checkKeys(Options options, Node node, Set<String> foreign) {
      List<String> known = new ArrayList<>(options.names());
      foreign.stream().filter(key -> !known.contains(key)).forEach(known::add);
      mistakes.unknownKeys(node, known);
      return known.containsAll(node.keys());
    }

    private @Nullable Object option(
        Options options, Option option, @Nullable Node given, Node mapping) {
      if (given != null) {
        boolean nothing = option.nullable() && given.kind() == Node.Kind.NULL;
        return nothing
            ? null
            : value(option.shape(), hides(option, given) ? given.hidden() : given);
      }
      if (option.required()) {
        mistakes.add(mapping.place().child(option.name()), "missing", expected(option));
      }
      return option.fallback() == null ? null : fallback(options, option, mapping.place());
    }

    private String expected(Option option) {
      return registry != null && option.shape() instanceof Shape.PluginOf plugin
          ? registry.expected(plugin.kind(), "")
          : option.expected();
    }

    /** A secret, and what stands in the place of a record or a list that would hold one. */
    private static boolean hides(Option option, Node given) {
      boolean inside =
          given.kind() == Node.Kind.MAPPING
              || (given.kind() == Node.Kind.SEQUENCE && option.shape() instanceof Shape.ListOf);
      return option.secret() || (!inside && Options.holdsSecret(option.shape()));
    }

    /** Plugins are those of the registry. */
    private @Nullable Object fallback(Options options, Option option, Place mapping) {
      if (option.shape() instanceof Shape.PluginOf plugin) {
        Place place = mapping.child(option.name());
        String name = String.valueOf(option.fallback());
        Node.Spot spot =
            new Node.Spot(
                place.file(), place.line(), place.column(), Trail.ROOT.key(option.name()));
        return plugin(plugin, Node.scalar(spot, name, name));
      }
      return options.fallback(option);
    }

    private @Nullable Object value(Shape shape, Node node) {
      return switch (shape) {
        case Shape.Time s -> time(s, node);
        case Shape.Choice s -> choice(s, node);
        case Shape.File s -> file(s, node);
        case Shape.ListOf s -> list(s, node);
        case Shape.MapOf s -> map(s, node);
        case Shape.Nested s -> record(s.record(), node, Set.of());
        case Shape.PluginOf s -> plugin(s, node);
        case Shape.Unread s -> node;
        default -> scalar(shape, node);
      };
    }

    private @Nullable Object scalar(Shape shape, Node node) {
      Object value =
          node.kind() == Node.Kind.SCALAR && !node.isBroken() ? shape.read(node.text()) : null;
      if (value == null) {
        mistakes.add(node, shape.expected());
      }
      return value;
    }

    private @Nullable Object time(Shape.Time shape, Node node) {
      if (Scalars.isNumber(node.text())) {
        mistakes.add(node, shape.expected() + "; a bare number has no unit");
        return null;
      }
      return scalar(shape, node);
    }

    private @Nullable Object choice(Shape.Choice shape, Node node) {
      Object value = node.kind() == Node.Kind.SCALAR ? shape.read(node.text()) : null;
      if (value == null) {
        mistakes.add(node, Names.oneOf(shape.names(), node.text()));
      }
      return value;
    }

    private @Nullable Object file(Shape.File shape, Node node) {
      if (node.kind() == Node.Kind.SCALAR && !node.isBroken() && !shape.found(node.text())) {
        mistakes.add(node, shape.expected());
        return null;
      }
      return scalar(shape, node);
    }

    private @Nullable Object list(Shape.ListOf shape, Node node) {
      if (node.kind() != Node.Kind.SEQUENCE) {
        mistakes.add(node, shape.expected());
        return null;
      }
      List<Object> values = new ArrayList<>();
      for (Node item : node.items()) {
        Object value = value(shape.element(), item);
        if (value != null) {
          values.add(value);
        }
      }
      return values.size() == node.items().size() ? List.copyOf(values) : null;
    }

    private @Nullable Object map(Shape.MapOf shape, Node node) {
      if (node.kind() != Node.Kind.MAPPING) {
        mistakes.add(node, shape.expected());
        return null;
      }
      Map<String, Object> values = new LinkedHashMap<>();
      for (String key : node.keys()) {
        Node given = node.get(key);
        Object value = given == null ? null : value(shape.element(), given);
        if (value != null) {
          values.put(key, value);
        }
      }
      return values.size() == node.keys().size() ? Collections.unmodifiableMap(values) : null;
    }

    private Object plugin(Shape.PluginOf shape, Node node) {
      if (registry == null) {
        throw new IllegalArgumentException("options with a Plugin need a reader with a registry");
      }
      return registry.plugin(shape.kind(), node, mistakes);
    }

    private @Nullable Object create(Options options, @Nullable Object[] values, Node node) {
      try {
        return options.make(values);
      } catch (IllegalArgumentException e) {
        mistakes.add(Refusal.mistake(options, node, e));
        return null;
      }
    }
  }
}
