package dev.forebay.config;

import dev.forebay.config.Options.Option;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one strict reader of options: a mapping becomes a record, and everything that is wrong is
 * reported.
 *
 * <p>A component {@code maxWait} is the key {@code max-wait}. It is required, unless it has a
 * {@link dev.forebay.spi.Default} or its type is {@code @Nullable}. Components are of type String,
 * boolean, int, long, double, {@link Duration} ({@code 250ms}, {@code 1.5s}, {@code 1d}, {@code
 * PT5S}; not negative, at most 292 years), an enum ({@code lower-case}), a record, {@link
 * dev.forebay.spi.Plugin}, {@link Node}, a List of these, or a Map from String to these. {@link
 * dev.forebay.spi.Range} bounds numbers, durations in seconds and sizes in bytes, also those in a
 * list or map. Defaults of lists, maps and records are written in YAML, such as {@code [a, b]}.
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
   * The record with nothing given.
   *
   * @throws ConfigException where an option is required
   */
  public static <R extends Record> R defaults(Class<R> type) {
    return new OptionsReader().read(type, Node.of(Map.of(), type.getSimpleName()));
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
    Run run = new OptionsReader().new Run(mistakes);
    Place place = new Place(type.getName(), 0, 0, "");
    for (Option option : Options.of(type).all()) {
      if (option.fallback() != null && !(option.shape() instanceof Shape.PluginOf)) {
        run.fallback(option, place);
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
        values[i] = option(option, given, node);
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

    private @Nullable Object option(Option option, @Nullable Node given, Node mapping) {
      if (given != null) {
        boolean nothing = option.nullable() && given.kind() == Node.Kind.NULL;
        return nothing
            ? null
            : value(option.shape(), hides(option, given) ? given.hidden() : given);
      }
      if (option.required()) {
        mistakes.add(mapping.place().child(option.name()), "missing", option.expected());
      }
      return option.fallback() == null ? null : fallback(option, mapping.place());
    }

    /** A secret, and what stands in the place of a record or a list that would hold one. */
    private static boolean hides(Option option, Node given) {
      boolean inside =
          given.kind() == Node.Kind.MAPPING
              || (given.kind() == Node.Kind.SEQUENCE && option.shape() instanceof Shape.ListOf);
      return option.secret() || (!inside && Options.holdsSecret(option.shape()));
    }

    /** Defaults stand in code, so the mistakes in them are the developer's; shown all the same. */
    private @Nullable Object fallback(Option option, Place mapping) {
      Place place = mapping.child(option.name());
      String text = String.valueOf(option.fallback());
      Node node =
          switch (option.shape()) {
            case Shape.ListOf s -> Node.parse(place + " default", text, name -> null);
            case Shape.MapOf s -> Node.parse(place + " default", text, name -> null);
            case Shape.Nested s -> Node.parse(place + " default", text, name -> null);
            default ->
                Node.scalar(
                    new Node.Spot(
                        place.file(), place.line(), place.column(), Trail.ROOT.key(option.name())),
                    text,
                    text);
          };
      return value(option.shape(), option.secret() ? node.hidden() : node);
    }

    private @Nullable Object value(Shape shape, Node node) {
      return switch (shape) {
        case Shape.Words s -> scalar(s, node, Function.identity());
        case Shape.Flag s -> scalar(s, node, Scalars::flag);
        case Shape.Whole s -> scalar(s, node, text -> whole(text, s.isLong(), s.bounds()));
        case Shape.Real s -> scalar(s, node, text -> real(text, s.bounds()));
        case Shape.Size s -> scalar(s, node, text -> size(text, s));
        case Shape.Time s -> time(s, node);
        case Shape.Choice s -> choice(s, node);
        case Shape.ListOf s -> list(s, node);
        case Shape.MapOf s -> map(s, node);
        case Shape.Nested s -> record(s.record(), node, Set.of());
        case Shape.PluginOf s -> plugin(s, node);
        case Shape.Raw s -> node;
      };
    }

    private @Nullable Object scalar(
        Shape shape, Node node, Function<String, ? extends @Nullable Object> reader) {
      Object value =
          node.kind() == Node.Kind.SCALAR && !node.isBroken() ? reader.apply(node.text()) : null;
      if (value == null) {
        mistakes.add(node, shape.expected());
      }
      return value;
    }

    private @Nullable Object whole(String text, boolean isLong, Bounds bounds) {
      return fitted(Scalars.whole(text), isLong, bounds);
    }

    private @Nullable Object size(String text, Shape.Size size) {
      return fitted(Scalars.bytes(text), size.isLong(), size.bounds());
    }

    private @Nullable Object fitted(@Nullable Long value, boolean isLong, Bounds bounds) {
      if (value == null || !bounds.admit(value) || (!isLong && value.intValue() != value)) {
        return null;
      }
      return isLong ? (Object) value : (Object) value.intValue();
    }

    private @Nullable Object real(String text, Bounds bounds) {
      Double value = Scalars.real(text);
      return value != null && bounds.admit(value) ? value : null;
    }

    private @Nullable Object time(Shape.Time shape, Node node) {
      if (Scalars.isNumber(node.text())) {
        mistakes.add(node, shape.expected() + "; a bare number has no unit");
        return null;
      }
      return scalar(
          shape,
          node,
          text -> {
            Duration value = Scalars.duration(text);
            return value != null && shape.bounds().admit(value.toNanos() / 1e9) ? value : null;
          });
    }

    private @Nullable Object choice(Shape.Choice shape, Node node) {
      int at = node.kind() == Node.Kind.SCALAR ? shape.names().indexOf(node.text()) : -1;
      if (at < 0) {
        mistakes.add(node, Text.oneOf(shape.names(), node.text()));
        return null;
      }
      return shape.values().get(at);
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
        return options.constructor().newInstance(values);
      } catch (InvocationTargetException e) {
        mistakes.add(Refusal.mistake(options, node, e.getCause()));
        return null;
      } catch (ReflectiveOperationException e) {
        throw new IllegalArgumentException(options.type().getName() + ": cannot be constructed", e);
      }
    }
  }
}
