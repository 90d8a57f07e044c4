package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.options.Secret;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks that the text of options shows no secret: logs and debuggers print it. */
final class SecretRules {

  /** What no text may hold: long enough for a secret that must be. */
  private static final String MARK = "sk-that-nobody-may-read-0123456789";

  private SecretRules() {}

  /** Tries options like these, with another secret wherever one can be. */
  static void hidden(Record options) {
    Record marked = marked(options);
    String text = marked.toString();
    require(
        !text.contains(MARK),
        "%s: its text shows a secret (expected: toString() that says Redacted.text(this))",
        options.getClass().getSimpleName());
  }

  private static Record marked(Record options) {
    RecordComponent[] components = options.getClass().getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    boolean changed = false;
    for (int i = 0; i < components.length; i++) {
      Object given = read(options, components[i]);
      values[i] =
          components[i].isAnnotationPresent(Secret.class)
              ? mark(components[i], given)
              : inner(given);
      changed |= values[i] != given;
    }
    return changed ? make(options, components, values) : options;
  }

  private static @Nullable Object inner(@Nullable Object given) {
    return given instanceof Record nested ? marked(nested) : given;
  }

  private static @Nullable Object mark(RecordComponent component, @Nullable Object given) {
    Class<?> type = component.getType();
    if (type == String.class) {
      return MARK;
    } else if (type == List.class) {
      return List.of(MARK);
    }
    return type == Map.class ? Map.of("name", MARK) : given;
  }

  /** Options that refuse the mark must not repeat it; they are then taken as they are. */
  private static Record make(
      Record options, RecordComponent[] components, @Nullable Object[] values) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<? extends Record> constructor = options.getClass().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      require(
          !String.valueOf(e.getCause()).contains(MARK),
          "%s: it refuses a secret and repeats it",
          options.getClass().getSimpleName());
      return options;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable Object read(Record options, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
