package dev.forebay.replay.trace;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Range;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/**
 * Annotated option records in code: their defaults, copies with one value changed, their bounds.
 */
final class OptionRecords {
  private OptionRecords() {}

  /** A record with every component at its {@link Default}; numbers only. */
  static <R extends Record> R defaults(Class<R> type) {
    Object[] values =
        Arrays.stream(type.getRecordComponents())
            .map(c -> number(c, Double.parseDouble(c.getAnnotation(Default.class).value())))
            .toArray();
    return create(type, values);
  }

  /** A copy with one component changed. */
  static <R extends Record> R with(Class<R> type, R record, String name, double value) {
    RecordComponent[] components = type.getRecordComponents();
    List<String> names = Arrays.stream(components).map(RecordComponent::getName).toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "option: " + name + " (expected: " + String.join(", ", names) + ")");
    }
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          names.get(i).equals(name) ? number(components[i], value) : value(components[i], record);
    }
    return create(type, values);
  }

  /** Fails with the name, the value and the bounds of the first component that is out of them. */
  static void check(Class<? extends Record> type, Object... values) {
    RecordComponent[] components = type.getRecordComponents();
    for (int i = 0; i < values.length; i++) {
      Range range = components[i].getAnnotation(Range.class);
      double value = ((Number) values[i]).doubleValue();
      boolean inside =
          value >= range.min()
              && value <= range.max()
              && !(range.exclusiveMin() && value == range.min());
      if (!inside) {
        throw new IllegalArgumentException(
            String.format(
                "%s: %s (expected: %s %s to %s)",
                components[i].getName(),
                values[i],
                range.exclusiveMin() ? "above" : "from",
                Numbers.plain(range.min()),
                Numbers.plain(range.max())));
      }
    }
  }

  private static Object number(RecordComponent component, double value) {
    if (component.getType() == double.class) {
      return value;
    }
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          component.getName() + ": " + value + " (expected: a whole number)");
    }
    return (int) value;
  }

  private static Object value(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record of numbers is needed", e);
    }
  }

  private static <R extends Record> R create(Class<R> type, Object... values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException wrong) {
        throw wrong;
      }
      throw new IllegalStateException("a public record of numbers is needed", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record of numbers is needed", e);
    }
  }
}
