package dev.forebay.spi.options;

import dev.forebay.spi.Plugin;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options that a record declares, in the order of its components. A component {@code maxWait}
 * is the option {@code max-wait}. It is required, unless it has a {@link Default} or its type is
 * {@code @Nullable}.
 *
 * @param type the record
 * @param all its options
 */
public record Options(Class<? extends Record> type, List<Option> all) {

  /**
   * One option: a component of the record.
   *
   * @param name as configurations write it
   * @param shape what it can be
   * @param primitive whether the component's type is primitive
   * @param nullable whether it may be null
   * @param fallback its default as configurations write it; null if it has none
   * @param secret whether its value is never shown
   * @param inline whether it has no key of its own, as {@link Inline} says
   * @param doc what it is for
   * @param component the component
   */
  public record Option(
      String name,
      Shape shape,
      boolean primitive,
      boolean nullable,
      @Nullable String fallback,
      boolean secret,
      boolean inline,
      String doc,
      RecordComponent component) {

    /** Whether it must be given. */
    public boolean required() {
      return fallback == null && !nullable;
    }

    /** What is expected, for messages. */
    public String expected() {
      return shape.expected() + (nullable ? ", or null" : "");
    }

    /** What it names, such as {@code pool}; null if it is no name of anything. */
    public @Nullable String ref() {
      Ref ref = component.getAnnotation(Ref.class);
      return ref == null ? null : ref.value();
    }

    /** Whether requests go on to what it names. */
    public boolean asked() {
      Ref ref = component.getAnnotation(Ref.class);
      return ref != null && ref.asked();
    }

    /** Its value in a record; null if that is null. */
    public @Nullable Object of(Record record) {
      try {
        component.getAccessor().setAccessible(true);
        return component.getAccessor().invoke(record);
      } catch (ReflectiveOperationException e) {
        throw new IllegalArgumentException(record.getClass().getName() + ": cannot be read", e);
      }
    }
  }

  /**
   * Looks at a record.
   *
   * @throws IllegalArgumentException if it has a component that no option can have; the message
   *     names it
   */
  public static Options of(Class<? extends Record> type) {
    List<Option> all = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Option option = option(type, component);
      if (all.stream().anyMatch(other -> other.name.equals(option.name))) {
        throw new IllegalArgumentException(
            "%s.%s: a second option %s (expected: another name)"
                .formatted(type.getName(), component.getName(), option.name));
      }
      all.add(option);
    }
    return new Options(type, List.copyOf(all));
  }

  private static Option option(Class<?> type, RecordComponent component) {
    Default fallback = component.getAnnotation(Default.class);
    Doc doc = component.getAnnotation(Doc.class);
    try {
      return new Option(
          Names.kebab(component.getName()),
          Shape.of(component.getGenericType(), component),
          component.getType().isPrimitive(),
          component.getAnnotatedType().isAnnotationPresent(Nullable.class),
          fallback == null ? null : fallback.value(),
          component.isAnnotationPresent(Secret.class),
          component.isAnnotationPresent(Inline.class),
          doc == null ? "" : doc.value(),
          component);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          type.getName() + "." + component.getName() + ": " + e.getMessage(), e);
    }
  }

  /**
   * The record with some options given, and the others at their defaults.
   *
   * @param given values by the names of the components, such as {@code maxWait}
   * @throws IllegalArgumentException if no component has such a name, another option is required, a
   *     default cannot be read, or the record refuses the values; the message says which
   */
  @SafeVarargs
  public static <R extends Record> R defaults(
      Class<R> type, Map.Entry<String, ? extends Object>... given) {
    Options options = of(type);
    List<String> known = options.all.stream().map(o -> o.component.getName()).toList();
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, ?> entry : given) {
      values.put(entry.getKey(), entry.getValue());
    }
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "%s: %s (expected: %s)"
                .formatted(type.getSimpleName(), name, Names.oneOf(known, name)));
      }
    }
    @Nullable Object[] all = new @Nullable Object[known.size()];
    for (int i = 0; i < all.length; i++) {
      Object value = values.get(known.get(i));
      all[i] = value == null ? options.fallback(options.all.get(i)) : value;
    }
    return type.cast(options.make(all));
  }

  /**
   * A record with another value of one option.
   *
   * @param name of the component, such as {@code maxWait}
   * @param text the value, as configurations write it
   * @throws IllegalArgumentException if no component has the name, or the value is out of bounds;
   *     the message says what was expected
   */
  public static <R extends Record> R with(R record, String name, String text) {
    Options options = of(record.getClass());
    @Nullable Object[] values = options.all.stream().map(option -> option.of(record)).toArray();
    List<String> names = options.all.stream().map(o -> o.component.getName()).toList();
    int at = names.indexOf(name);
    if (at < 0) {
      throw new IllegalArgumentException(
          "option: " + name + " (expected: " + Names.oneOf(names, name) + ")");
    }
    Option option = options.all.get(at);
    values[at] = option.shape.read(text);
    if (values[at] == null) {
      throw new IllegalArgumentException(
          name + ": " + text + " (expected: " + option.expected() + ")");
    }
    @SuppressWarnings("unchecked") // it makes records of the same class
    R copy = (R) options.make(values);
    return copy;
  }

  /**
   * The default of an option, null if it is null. Defaults are texts as {@link Shape#read} takes
   * them; lists of them, such as {@code [a, b]}; records and mappings of them, such as {@code {a:
   * 1}}, one in another too; and names of plugins, which are then at their defaults.
   *
   * @throws IllegalArgumentException if it is required, or cannot be read; the message names it
   */
  public @Nullable Object fallback(Option option) {
    String text = option.fallback;
    if (text == null && option.nullable) {
      return null;
    }
    Object value = text == null ? null : Literal.read(option.shape, text.strip(), type);
    if (value == null) {
      throw new IllegalArgumentException(
          "%s.%s: %s (expected: %s)"
              .formatted(
                  type.getSimpleName(),
                  option.component.getName(),
                  text == null ? "missing" : option.secret ? "***" : text,
                  option.expected()));
    }
    return value;
  }

  /**
   * Checks a record that code has made: its values are within their bounds, and null only if they
   * may be. What configurations give is checked when it is read.
   *
   * @throws IllegalArgumentException naming the first option that is wrong, and what was expected
   */
  public static void check(Record record) {
    Options options = of(record.getClass());
    for (Option option : options.all) {
      Object value = option.of(record);
      boolean ownDefault = value != null && value.equals(option.fallback);
      if (value == null ? !option.nullable : !ownDefault && !admits(option.shape, value)) {
        String shown = option.secret ? "***" : String.valueOf(value);
        throw new IllegalArgumentException(
            "%s: %s (expected: %s)"
                .formatted(option.component.getName(), shown, option.expected()));
      }
    }
  }

  /**
   * As {@link #check(Record)}.
   *
   * @param name what the record is, for the beginning of the message
   */
  public static void check(String name, Record record) {
    try {
      check(record);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static boolean admits(Shape shape, Object value) {
    return switch (shape) {
      case Shape.Time time -> time.admits((Duration) value);
      case Shape.File file -> file.found((String) value);
      case Shape.ListOf list -> allAdmitted(list.element(), (List<?>) value);
      case Shape.MapOf map -> allAdmitted(map.element(), ((Map<?, ?>) value).values());
      case Shape.Nested nested -> {
        check((Record) value);
        yield true;
      }
      default -> !(value instanceof Number number) || shape.bounds().admit(number.doubleValue());
    };
  }

  private static boolean allAdmitted(Shape shape, Collection<?> values) {
    return values.stream().allMatch(value -> value != null && admits(shape, value));
  }

  /**
   * Whether an option of the record, or of one in it, is secret: then a value in its place that is
   * no mapping may be the secret itself.
   */
  public boolean holdsSecret() {
    return all.stream().anyMatch(option -> option.secret() || holdsSecret(option.shape()));
  }

  /** Whether a value of a shape may hold something secret. */
  public static boolean holdsSecret(Shape shape) {
    if (shape instanceof Shape.Nested nested) {
      return Options.of(nested.record()).holdsSecret();
    } else if (shape instanceof Shape.ListOf list) {
      return holdsSecret(list.element());
    }
    return shape instanceof Shape.MapOf map && holdsSecret(map.element());
  }

  /** The names of the options, those of inline records included; not those of inline plugins. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (Option option : all) {
      if (!option.inline) {
        names.add(option.name);
      } else if (option.shape instanceof Shape.Nested nested) {
        names.addAll(of(nested.record()).names());
      }
    }
    return names;
  }

  /** The option that has a name as its key; null if there is none. */
  public @Nullable Option get(String name) {
    return all.stream().filter(o -> o.name.equals(name) && !o.inline).findFirst().orElse(null);
  }

  /**
   * The option that a scalar in the place of the record stands for: the first, if that is a plugin,
   * and the only option that must be given; null if it is not.
   */
  public @Nullable Option alone() {
    List<Option> required = all.stream().filter(Option::required).toList();
    return required.size() == 1
            && required.get(0) == all.get(0)
            && all.get(0).shape instanceof Shape.PluginOf
        ? all.get(0)
        : null;
  }

  /** Takes options and their values. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Takes one.
     *
     * @param holder the record that has the option
     * @param value of the option; of a list or mapping, each that is in it
     */
    void visit(Record holder, Option option, Object value);
  }

  /** Visits the options of a record that are not null, and those of what it holds. */
  public static void visit(Record record, Visitor visitor) {
    for (Option option : of(record.getClass()).all) {
      visit(record, option, option.of(record), visitor);
    }
  }

  private static void visit(Record holder, Option option, @Nullable Object value, Visitor visitor) {
    switch (value) {
      case null -> {}
      case Collection<?> list -> list.forEach(one -> visit(holder, option, one, visitor));
      case Map<?, ?> map -> map.values().forEach(one -> visit(holder, option, one, visitor));
      default -> {
        visitor.visit(holder, option, value);
        Record within =
            value instanceof Plugin<?> plugin
                ? Plugins.options(plugin)
                : value instanceof Record record ? record : null;
        if (within != null) {
          visit(within, visitor);
        }
      }
    }
  }

  /**
   * Makes the record.
   *
   * @param values in the order of the options
   * @throws IllegalArgumentException if its constructor refuses them, or throws anything else, or
   *     there is no way to call it
   */
  public Record make(@Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      Throwable why = e.getCause();
      if (why instanceof IllegalArgumentException refused) {
        throw refused;
      }
      if (why instanceof Error error) {
        throw error;
      }
      throw new IllegalArgumentException("options that do not make " + why, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + ": cannot be constructed", e);
    }
  }
}
