package dev.forebay.config;

import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Scalars;
import dev.forebay.spi.options.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a record. A value that is wrong is null, and is reported when that is found out. A
 * record with a wrong value is made of the others, if they suffice, so that they are checked, too.
 */
final class Reading {

  private final @Nullable Registry registry;
  private final Mistakes mistakes;

  /** Entries of lists and mappings that were left out of the value, since they are wrong. */
  private int lost;

  Reading(@Nullable Registry registry, Mistakes mistakes) {
    this.registry = registry;
    this.mistakes = mistakes;
  }

  /** Reads a record; if something is wrong, what can be read of it: null if that is too little. */
  @Nullable Record record(Class<? extends Record> type, Node node, Set<String> foreign) {
    Options options = Options.of(type);
    if (node.kind() != Node.Kind.MAPPING && node.kind() != Node.Kind.NULL) {
      Node shown = options.holdsSecret() ? node.hidden() : node;
      mistakes.add(shown, new Shape.Nested(type).expected());
      return null;
    }
    return record(options, node, node, foreign, false);
  }

  /** A record within another, which may be the name of the plugin that comes first in it. */
  private @Nullable Record nested(Class<? extends Record> type, Node node) {
    Options options = Options.of(type);
    return node.kind() == Node.Kind.SCALAR && options.alone() != null
        ? record(options, node.emptied(), node, Set.of(), false)
        : record(type, node, Set.of());
  }

  /**
   * A record.
   *
   * @param node a mapping, or nothing
   * @param whole the same; or a scalar, for the option that may stand alone
   * @param misspelt whether a key around it is unknown: it may be one of its own
   */
  private @Nullable Record record(
      Options options, Node node, Node whole, Set<String> foreign, boolean misspelt) {
    int before = mistakes.count();
    int lostBefore = lost;
    Set<String> gaps = new LinkedHashSet<>();
    boolean unknown = !checkKeys(options, node, foreign) || misspelt;
    @Nullable Object[] values = new @Nullable Object[options.all().size()];
    for (int i = 0; i < values.length; i++) {
      Option option = options.all().get(i);
      Node given =
          whole != node && option == options.all().get(0) ? whole : node.get(option.name());
      lost = 0;
      values[i] =
          option.inline()
              ? inline(options, option, whole, foreign, unknown)
              : option(options, option, given, node);
      boolean missing = values[i] == null && !isNull(option, given);
      if (missing || lost > 0 || (unknown && given == null)) {
        gaps.add(option.name());
      }
    }
    lost = lostBefore;
    return create(options, values, node, mistakes.count() == before, gaps);
  }

  /** What stands among the keys of the record around it. */
  private @Nullable Object inline(
      Options options, Option option, Node node, Set<String> foreign, boolean misspelt) {
    return switch (option.shape()) {
      case Shape.Nested s -> {
        Node own = node.kind() == Node.Kind.MAPPING ? node : node.emptied();
        Options within = Options.of(s.record());
        Node given = own.only(array(known(within)));
        yield record(within, given, given, Set.of(), misspelt);
      }
      case Shape.PluginOf s -> {
        Set<String> others = new LinkedHashSet<>(options.names());
        others.addAll(foreign);
        Node own = node.without(array(others));
        yield registry().plugin(s.kind(), own, others, mistakes);
      }
      default -> {
        Class<?> kind = kindOfList(option);
        if (kind == null) {
          throw new IllegalArgumentException(
              option.name() + ": inline (expected: a record, a plugin, or a list of plugins)");
        }
        yield keyed(options, kind, node);
      }
    };
  }

  /** The kind of the plugins of a list; null if the option is none. */
  private static @Nullable Class<?> kindOfList(Option option) {
    return option.shape() instanceof Shape.ListOf list
            && list.element() instanceof Shape.PluginOf plugin
        ? plugin.kind()
        : null;
  }

  /** The plugins whose names are keys. */
  private List<Object> keyed(Options options, Class<?> kind, Node node) {
    List<String> names = registry().names(kind);
    List<Object> plugins = new ArrayList<>();
    for (String key : node.keys()) {
      Node given = names.contains(key) && options.get(key) == null ? node.get(key) : null;
      Object plugin = given == null ? null : registry().named(kind, key, "", given, mistakes);
      if (plugin != null) {
        plugins.add(plugin);
      }
    }
    return plugins;
  }

  /** A record that is written as a list of names, each perhaps with its options. */
  private @Nullable Record sequence(Shape.Sequence shape, Node node) {
    Options options = Options.of(shape.record());
    if (node.kind() != Node.Kind.SEQUENCE && node.kind() != Node.Kind.NULL) {
      mistakes.add(node, shape.expected());
      return null;
    }
    int before = mistakes.count();
    @Nullable Object[] values = new @Nullable Object[options.all().size()];
    List<Object> steps = new ArrayList<>();
    String last = null;
    for (Node item : node.items()) {
      boolean single = item.kind() == Node.Kind.MAPPING && item.keys().size() == 1;
      if (item.isBroken() || (!single && item.kind() != Node.Kind.SCALAR)) {
        mistakes.add(item, step(shape, ""));
        continue;
      }
      String name = single ? item.keys().get(0) : item.text();
      Node given = single ? Objects.requireNonNull(item.get(name)) : item.emptied();
      if (last != null) {
        mistakes.add(
            given.place(), name, "no " + shape.item() + " after " + last + ", which is the last");
      }
      Option own = options.get(name);
      if (own != null) {
        last = name;
        values[options.all().indexOf(own)] = value(own.shape(), given);
      } else {
        Object plugin = registry().named(kind(shape), name, step(shape, name), given, mistakes);
        if (plugin != null) {
          steps.add(plugin);
        }
      }
    }
    for (int i = 0; i < values.length; i++) {
      if (options.all().get(i).inline()) {
        values[i] = List.copyOf(steps);
      }
    }
    boolean sound = mistakes.count() == before;
    Set<String> gaps = sound ? Set.of() : new LinkedHashSet<>(known(options));
    return create(options, values, node, sound, gaps);
  }

  private String step(Shape.Sequence shape, String given) {
    List<String> names = known(Options.of(shape.record()));
    return "a " + shape.item() + ": " + Names.oneOf(names, given);
  }

  private static String[] array(Collection<String> names) {
    return names.toArray(String[]::new);
  }

  private boolean isNull(Option option, @Nullable Node given) {
    return option.nullable()
        && (given == null ? option.fallback() == null : given.kind() == Node.Kind.NULL);
  }

  private boolean checkKeys(Options options, Node node, Set<String> foreign) {
    for (Option option : options.all()) {
      if (option.inline() && option.shape() instanceof Shape.PluginOf) {
        return true; // the plugin takes all other keys, and says which it does not know
      }
    }
    List<String> known = known(options);
    foreign.stream().filter(key -> !known.contains(key)).forEach(known::add);
    mistakes.unknownKeys(node, known);
    return known.containsAll(node.keys());
  }

  private @Nullable Object option(
      Options options, Option option, @Nullable Node given, Node mapping) {
    if (given != null) {
      boolean nothing = option.nullable() && given.kind() == Node.Kind.NULL;
      return nothing ? null : value(option.shape(), hides(option, given) ? given.hidden() : given);
    }
    if (option.required()) {
      mistakes.missing(mapping.place().child(option.name()), expected(option));
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
          new Node.Spot(place.file(), place.line(), place.column(), Trail.ROOT.key(option.name()));
      return registry().plugin(plugin.kind(), Node.scalar(spot, name, name), mistakes);
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
      case Shape.Nested s -> nested(s.record(), node);
      case Shape.PluginOf s -> registry().plugin(s.kind(), node, mistakes);
      case Shape.TemplateOf s -> new TemplateReading(registry(), mistakes).read(s, s.kind(), node);
      case Shape.Sequence s -> sequence(s, node);
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
    boolean nothing = node.kind() == Node.Kind.NULL;
    if (node.items().isEmpty() && shape.atLeastOne() != null) {
      if (nothing || node.kind() == Node.Kind.SEQUENCE) {
        mistakes.add(node.place(), "none", String.valueOf(shape.atLeastOne()));
      } else {
        mistakes.add(node, shape.expected());
      }
      return null;
    }
    if (node.kind() != Node.Kind.SEQUENCE && !nothing) {
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
    lost += node.items().size() - values.size();
    return List.copyOf(values);
  }

  private @Nullable Object map(Shape.MapOf shape, Node node) {
    if (node.kind() != Node.Kind.MAPPING && node.kind() != Node.Kind.NULL) {
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
    lost += node.keys().size() - values.size();
    return Collections.unmodifiableMap(values);
  }

  /**
   * Makes a record, if something is wrong of what is right in it.
   *
   * @param gaps the options that are not as they were written
   * @return null if that makes none
   */
  private @Nullable Record create(
      Options options, @Nullable Object[] values, Node node, boolean sound, Set<String> gaps) {
    Record made;
    try {
      for (int i = 0; i < values.length; i++) {
        Option option = options.all().get(i);
        if (values[i] == null && gaps.contains(option.name())) {
          values[i] = options.fallback(option);
        }
      }
      made = options.make(values);
    } catch (IllegalArgumentException e) {
      if (sound) {
        mistakes.add(Refusal.mistake(options, node, e));
      }
      return null;
    }
    mistakes.origin(made, node, gaps);
    if (made instanceof Checked checked) {
      checked.check(mistakes.faults(node));
    }
    return made;
  }

  /** The keys of a record, and the names of plugins that may be keys. */
  List<String> known(Options options) {
    Set<String> known = new LinkedHashSet<>();
    for (Option option : options.all()) {
      Class<?> kind = kindOfList(option);
      if (!option.inline()) {
        known.add(option.name());
      } else if (option.shape() instanceof Shape.Nested nested) {
        known.addAll(known(Options.of(nested.record())));
      } else if (kind != null) {
        known.addAll(registry().names(kind));
      } else if (!(option.shape() instanceof Shape.PluginOf)) {
        known.add(option.name());
      }
    }
    return new ArrayList<>(known);
  }

  private Registry registry() {
    if (registry == null) {
      throw new IllegalArgumentException("options with a Plugin need a reader with a registry");
    }
    return registry;
  }

  /** The kind of the plugins that a sequence consists of. */
  private static Class<?> kind(Shape.Sequence shape) {
    for (Option option : Options.of(shape.record()).all()) {
      Class<?> kind = kindOfList(option);
      if (option.inline() && kind != null) {
        return kind;
      }
    }
    throw new IllegalArgumentException(shape.record().getName() + ": no inline list of plugins");
  }
}
