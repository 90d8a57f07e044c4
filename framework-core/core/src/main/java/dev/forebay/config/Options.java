package dev.forebay.config;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Secret;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options that a record declares, in the order of its components. */
record Options(Class<? extends Record> type, List<Option> all) {

  /** One option: a component of the record. */
  record Option(
      String name,
      Shape shape,
      boolean primitive,
      boolean nullable,
      @Nullable String fallback,
      boolean secret,
      String doc) {

    boolean required() {
      return fallback == null && !nullable;
    }

    String expected() {
      return shape.expected() + (nullable ? ", or null" : "");
    }
  }

  /**
   * Looks at a record.
   *
   * @throws IllegalArgumentException where it has a component that no option can have; the message
   *     names it
   */
  static Options of(Class<? extends Record> type) {
    List<Option> all = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      all.add(option(type, component));
    }
    return new Options(type, List.copyOf(all));
  }

  private static Option option(Class<?> type, RecordComponent component) {
    Default fallback = component.getAnnotation(Default.class);
    Doc doc = component.getAnnotation(Doc.class);
    try {
      return new Option(
          Text.kebab(component.getName()),
          Shape.of(component.getGenericType(), component),
          component.getType().isPrimitive(),
          component.getAnnotatedType().isAnnotationPresent(org.jspecify.annotations.Nullable.class),
          fallback == null ? null : fallback.value(),
          component.isAnnotationPresent(Secret.class),
          doc == null ? "" : doc.value());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          type.getName() + "." + component.getName() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Whether an option of the record, or of one in it, is secret: then a value in its place that is
   * no mapping may be the secret itself.
   */
  boolean holdsSecret() {
    return all.stream().anyMatch(option -> option.secret() || holdsSecret(option.shape()));
  }

  /** Whether a value of a shape may hold something secret. */
  static boolean holdsSecret(Shape shape) {
    if (shape instanceof Shape.Nested nested) {
      return Options.of(nested.record()).holdsSecret();
    } else if (shape instanceof Shape.ListOf list) {
      return holdsSecret(list.element());
    }
    return shape instanceof Shape.MapOf map && holdsSecret(map.element());
  }

  List<String> names() {
    return all.stream().map(Option::name).toList();
  }

  @Nullable Option get(String name) {
    return all.stream().filter(o -> o.name.equals(name)).findFirst().orElse(null);
  }

  /** What makes the record. */
  Constructor<? extends Record> constructor() throws NoSuchMethodException {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    return constructor;
  }
}
