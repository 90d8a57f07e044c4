package dev.forebay.spi.options;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads defaults: the few forms of values that a {@link dev.forebay.spi.options.Default} can have.
 */
final class Literal {

  private Literal() {}

  /**
   * The value of a text.
   *
   * @param of the record that has the default; plugins are found by its class loader
   * @return null if the text is none of the shape
   */
  static @Nullable Object read(Shape shape, String text, Class<?> of) {
    return switch (shape) {
      case Shape.ListOf list -> list(list, text, of);
      case Shape.MapOf map -> map(map, text, of);
      case Shape.Nested nested -> record(nested.record(), text);
      case Shape.Sequence steps -> text.equals("[]") ? record(steps.record(), "{}") : null;
      case Shape.PluginOf plugin -> plugin(plugin, text, of);
      default -> shape.read(text);
    };
  }

  private static @Nullable Object list(Shape.ListOf list, String text, Class<?> of) {
    List<String> items = items(text, '[', ']');
    List<Object> values = new ArrayList<>();
    for (String item : items == null ? List.<String>of() : items) {
      Object value = read(list.element(), item, of);
      if (value == null) {
        return null;
      }
      values.add(value);
    }
    return items == null ? null : List.copyOf(values);
  }

  private static @Nullable Object map(Shape.MapOf map, String text, Class<?> of) {
    Map<String, String> entries = entries(text);
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : entries == null ? nothing() : entries.entrySet()) {
      Object value = read(map.element(), entry.getValue(), of);
      if (value == null) {
        return null;
      }
      values.put(entry.getKey(), value);
    }
    return entries == null ? null : Collections.unmodifiableMap(values);
  }

  private static Iterable<Map.Entry<String, String>> nothing() {
    return List.of();
  }

  private static @Nullable Object record(Class<? extends Record> type, String text) {
    Map<String, String> entries = entries(text);
    Options options = Options.of(type);
    if (entries == null || !options.names().containsAll(entries.keySet())) {
      return null;
    }
    @Nullable Object[] values = new @Nullable Object[options.all().size()];
    for (int i = 0; i < values.length; i++) {
      Options.Option option = options.all().get(i);
      String given = entries.get(option.name());
      values[i] = given == null ? options.fallback(option) : read(option.shape(), given, type);
      if (given != null && values[i] == null) {
        return null;
      }
    }
    return options.make(values);
  }

  private static @Nullable Object plugin(Shape.PluginOf plugin, String name, Class<?> of) {
    for (Class<? extends Record> type : Plugins.of(of.getClassLoader(), problem -> {})) {
      if (Plugins.kind(type) == plugin.kind() && Names.nameOf(type).equals(name)) {
        return Options.defaults(type);
      }
    }
    return null;
  }

  /** The items between two brackets; null if there are no such brackets. */
  private static @Nullable List<String> items(String text, char open, char close) {
    if (text.length() < 2 || text.charAt(0) != open || text.charAt(text.length() - 1) != close) {
      return null;
    }
    String inside = text.substring(1, text.length() - 1).strip();
    return inside.isEmpty() ? List.of() : parts(inside);
  }

  /** The parts between commas, those within inner brackets left out. */
  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      if (c == ',' && depth == 0) {
        parts.add(text.substring(from, i).strip());
        from = i + 1;
      }
    }
    parts.add(text.substring(from).strip());
    return parts;
  }

  private static @Nullable Map<String, String> entries(String text) {
    List<String> items = items(text, '{', '}');
    Map<String, String> entries = new LinkedHashMap<>();
    for (String item : items == null ? List.<String>of() : items) {
      int colon = item.indexOf(": ");
      if (colon < 0 || entries.put(item.substring(0, colon), item.substring(colon + 2)) != null) {
        return null;
      }
    }
    return items == null ? null : entries;
  }
}
