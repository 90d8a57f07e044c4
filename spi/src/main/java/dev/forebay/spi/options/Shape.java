package dev.forebay.spi.options;

import dev.forebay.spi.Plugin;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an option can be, worked out from the type and the annotations of a record's component.
 *
 * <p>Options are of type String, boolean, int, long, double, {@link Duration} ({@code 250ms},
 * {@code 1.5s}, {@code 1d}, {@code PT5S}; not negative, at most 292 years), an enum ({@code
 * lower-case}), a record, {@link Plugin}, a List of these, or a Map from String to these.
 */
public sealed interface Shape {

  /** Its type in one or two words, for the reference. */
  String type();

  /** What is expected, for messages. */
  default String expected() {
    return type();
  }

  /** What numbers it admits, of durations in seconds, of sizes in bytes. */
  default Bounds bounds() {
    return Bounds.NONE;
  }

  /** The unit of its numbers; null if they have none. */
  default @Nullable String unit() {
    return null;
  }

  /** The value that a text stands for; null if it stands for none of this shape. */
  default @Nullable Object read(String text) {
    return null;
  }

  /** A text. */
  record Words() implements Shape {
    @Override
    public String type() {
      return "text";
    }

    @Override
    public @Nullable Object read(String text) {
      return text;
    }
  }

  /** The name of a file. */
  record File(boolean later) implements Shape {
    @Override
    public String type() {
      return "file";
    }

    @Override
    public String expected() {
      return later
          ? "a file that can be read, or one to come into a folder that is there"
          : "a file that can be read";
    }

    @Override
    public @Nullable Object read(String text) {
      return text;
    }

    /** Whether the file is as expected; an empty name names none, which is right. */
    public boolean found(String name) {
      try {
        Path file = Path.of(name).toAbsolutePath();
        Path folder = file.getParent();
        return name.isEmpty()
            || (Files.isReadable(file) && !Files.isDirectory(file))
            || (later && !Files.exists(file) && folder != null && Files.isDirectory(folder));
      } catch (InvalidPathException e) {
        return false;
      }
    }
  }

  /** A truth value. */
  record Flag() implements Shape {
    @Override
    public String type() {
      return "true or false";
    }

    @Override
    public @Nullable Object read(String text) {
      return Scalars.flag(text);
    }
  }

  /** An int or a long. */
  record Whole(boolean isLong, Bounds bounds, @Nullable String unit) implements Shape {
    @Override
    public String type() {
      return "whole number";
    }

    @Override
    public String expected() {
      return "a whole number" + bounds.describe(Names::number) + inUnit(unit);
    }

    @Override
    public @Nullable Object read(String text) {
      return bounds.fit(Scalars.whole(text), isLong);
    }
  }

  /** A double. */
  record Real(Bounds bounds, @Nullable String unit) implements Shape {
    @Override
    public String type() {
      return "number";
    }

    @Override
    public String expected() {
      return "a number" + bounds.describe(Names::number) + inUnit(unit);
    }

    @Override
    public @Nullable Object read(String text) {
      Double value = Scalars.real(text);
      return value != null && bounds.admit(value) ? value : null;
    }
  }

  /** An int or a long that counts bytes. */
  record Size(boolean isLong, Bounds bounds) implements Shape {
    @Override
    public String type() {
      return "size";
    }

    @Override
    public String expected() {
      return "a size" + bounds.describe(Names::bytes) + ", in bytes or such as 64KiB, 64MiB, 1GiB";
    }

    @Override
    public @Nullable Object read(String text) {
      return bounds.fit(Scalars.bytes(text), isLong);
    }
  }

  /** A duration. */
  record Time(Bounds bounds) implements Shape {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    /** Whether a duration is within the bounds, and not too long for nanoseconds. */
    boolean admits(Duration value) {
      return !value.isNegative()
          && value.compareTo(LONGEST) <= 0
          && bounds.admit(value.toNanos() / 1e9);
    }

    @Override
    public String type() {
      return "duration";
    }

    @Override
    public String expected() {
      return "a duration"
          + bounds.describe(Names::duration)
          + " with its unit, such as 250ms, 5s, 1h";
    }

    @Override
    public @Nullable Object read(String text) {
      Duration value = Scalars.duration(text);
      return value != null && bounds.admit(value.toNanos() / 1e9) ? value : null;
    }
  }

  /** An enum. */
  record Choice(List<String> names, List<Object> values) implements Shape {
    @Override
    public String expected() {
      return Names.oneOf(names, "");
    }

    @Override
    public String type() {
      return "one of " + String.join(", ", names);
    }

    @Override
    public @Nullable Object read(String text) {
      int at = names.indexOf(text);
      return at < 0 ? null : values.get(at);
    }
  }

  /** A list. */
  record ListOf(Shape element, @Nullable NotEmpty notEmpty) implements Shape {
    @Override
    public String type() {
      return "list of " + element.type();
    }

    @Override
    public String expected() {
      return "a list, each " + element.expected();
    }

    /** What is expected instead of an empty list; null if it may be empty. */
    public @Nullable String atLeastOne() {
      return notEmpty == null
          ? null
          : "at least one" + (notEmpty.value().isEmpty() ? "" : "; " + notEmpty.value());
    }
  }

  /** A mapping with free keys. */
  record MapOf(Shape element) implements Shape {
    @Override
    public String type() {
      return "mapping to " + element.type();
    }

    @Override
    public String expected() {
      return "a mapping, each value " + element.expected();
    }
  }

  /** A record of options. */
  record Nested(Class<? extends Record> record) implements Shape {
    @Override
    public String type() {
      return "mapping";
    }

    @Override
    public String expected() {
      return "a mapping with " + String.join(", ", Options.of(record).names());
    }
  }

  /** A plugin of some kind. */
  record PluginOf(Class<?> kind) implements Shape {
    @Override
    public String type() {
      return Names.nameOf(kind);
    }

    @Override
    public String expected() {
      return "a " + type() + ": its name, or a mapping with plugin: NAME and its options";
    }
  }

  /** A plugin of some kind for each instance of a service. */
  record TemplateOf(Class<?> kind) implements Shape {
    @Override
    public String type() {
      return Names.nameOf(kind);
    }

    @Override
    public String expected() {
      return "a "
          + type()
          + " for each instance, such as { plugin: NAME, id: \"{id}\", url: \"http://{address}\" }";
    }
  }

  /** A record that is written as a list. */
  record Sequence(Class<? extends Record> record, String item) implements Shape {
    @Override
    public String type() {
      return "list of " + item + "s";
    }

    @Override
    public String expected() {
      return "a list of " + item + "s";
    }
  }

  /**
   * The shape of a component.
   *
   * @throws IllegalArgumentException where options cannot have the type
   */
  static Shape of(Type type, AnnotatedElement annotated) {
    return switch (type) {
      case Class<?> simple -> ofClass(simple, annotated);
      case ParameterizedType generic -> ofGeneric(generic, annotated);
      default -> throw unsupported(type);
    };
  }

  private static Shape ofClass(Class<?> type, AnnotatedElement annotated) {
    Bounds bounds = Bounds.of(annotated.getAnnotation(Range.class));
    Unit annotation = annotated.getAnnotation(Unit.class);
    String unit = annotation == null ? null : annotation.value();
    if (isAny(type, int.class, Integer.class, long.class, Long.class)) {
      boolean isLong = isAny(type, long.class, Long.class);
      return "bytes".equals(unit) ? new Size(isLong, bounds) : new Whole(isLong, bounds, unit);
    }
    if (isAny(type, double.class, Double.class)) {
      return new Real(bounds, unit);
    }
    if (isAny(type, boolean.class, Boolean.class)) {
      return new Flag();
    }
    if (type.isEnum()) {
      return choice(type);
    }
    if (type.isRecord()) {
      Class<? extends Record> record = type.asSubclass(Record.class);
      Steps steps = type.getAnnotation(Steps.class);
      return steps == null ? new Nested(record) : new Sequence(record, steps.value());
    }
    if (type == String.class) {
      FileName file = annotated.getAnnotation(FileName.class);
      return file == null ? new Words() : new File(file.later());
    }
    return ofName(type, bounds);
  }

  private static Shape ofName(Class<?> type, Bounds bounds) {
    if (type == Duration.class) {
      return new Time(bounds);
    }
    throw unsupported(type);
  }

  private static Shape ofGeneric(ParameterizedType type, AnnotatedElement annotated) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == List.class) {
      return new ListOf(of(arguments[0], annotated), annotated.getAnnotation(NotEmpty.class));
    }
    if (type.getRawType() == Map.class && arguments[0] == String.class) {
      return new MapOf(of(arguments[1], annotated));
    }
    if (type.getRawType() == Plugin.class && arguments[0] instanceof Class<?> kind) {
      return new PluginOf(kind);
    }
    if (type.getRawType() == Template.class && arguments[0] instanceof Class<?> kind) {
      return new TemplateOf(kind);
    }
    throw unsupported(type);
  }

  private static Shape choice(Class<?> type) {
    List<Object> values = Arrays.asList((Object[]) type.getEnumConstants());
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          type.getTypeName() + " without a constant (expected: an enum with one at least)");
    }
    List<String> names = values.stream().map(v -> Names.kebab(((Enum<?>) v).name())).toList();
    return new Choice(names, values);
  }

  private static boolean isAny(Class<?> type, Class<?>... types) {
    return Arrays.asList(types).contains(type);
  }

  private static String inUnit(@Nullable String unit) {
    return unit == null ? "" : (unit.startsWith("of ") ? " " : ", in ") + unit;
  }

  private static IllegalArgumentException unsupported(Type type) {
    return new IllegalArgumentException(
        type.getTypeName()
            + " (expected: String, boolean, int, long, double, Duration, an enum, a record, a"
            + " Plugin, a List of these, or a Map from String to these)");
  }
}
