package dev.forebay.config;

import dev.forebay.spi.options.Bounds;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * A plugin, for people.
 *
 * @param kind the name of its kind, such as {@code rate-limiter}
 * @param name as configurations write it
 * @param doc what it does
 * @param options in the order of the record
 */
public record PluginDescription(
    String kind, String name, String doc, List<OptionDescription> options) {

  /** Copies the options. */
  public PluginDescription {
    options = List.copyOf(options);
  }

  static PluginDescription of(Class<?> kind, String name, Class<? extends Record> record) {
    Doc doc = record.getAnnotation(Doc.class);
    List<OptionDescription> options = new ArrayList<>();
    describe("", record, List.of(), options);
    return new PluginDescription(Names.nameOf(kind), name, doc == null ? "" : doc.value(), options);
  }

  private static void describe(
      String prefix,
      Class<? extends Record> type,
      List<Class<?>> within,
      List<OptionDescription> out) {
    if (within.contains(type)) {
      return;
    }
    List<Class<?>> path = new ArrayList<>(within);
    path.add(type);
    for (Option option : Options.of(type).all()) {
      String name = prefix + option.name();
      out.add(describe(name, option));
      descend(name, option.shape(), path, out);
    }
  }

  private static void descend(
      String name, Shape shape, List<Class<?>> path, List<OptionDescription> out) {
    switch (shape) {
      case Shape.Nested nested -> describe(name + ".", nested.record(), path, out);
      case Shape.ListOf list -> descend(name + "[]", list.element(), path, out);
      case Shape.MapOf map -> descend(name + ".NAME", map.element(), path, out);
      default -> {}
    }
  }

  private static OptionDescription describe(String name, Option option) {
    Shape leaf = leaf(option.shape());
    String unit = leaf instanceof Shape.Size ? "bytes" : leaf.unit();
    Bounds bounds = leaf.bounds();
    DoubleFunction<String> written = written(leaf);
    return new OptionDescription(
        name,
        option.shape().type(),
        unit,
        option.secret() && option.fallback() != null ? "***" : option.fallback(),
        Double.isInfinite(bounds.min()) ? null : written.apply(bounds.min()),
        bounds.exclusiveMin(),
        Double.isInfinite(bounds.max()) ? null : written.apply(bounds.max()),
        option.required(),
        option.secret(),
        option.doc());
  }

  private static Shape leaf(Shape shape) {
    return switch (shape) {
      case Shape.ListOf list -> leaf(list.element());
      case Shape.MapOf map -> leaf(map.element());
      default -> shape;
    };
  }

  private static DoubleFunction<String> written(Shape shape) {
    return switch (shape) {
      case Shape.Size size -> Names::bytes;
      case Shape.Time time -> Names::duration;
      default -> Names::number;
    };
  }
}
