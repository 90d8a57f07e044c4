package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Secret;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks that the text of options shows no secret: logs and debuggers print it. */
final class SecretRules {

  /** What no text may hold: long enough for a secret that must be. */
  private static final String MARK = "sk-that-nobody-may-read-0123456789";

  private SecretRules() {}

  /** Tries options like these, and records that may be in them, with another secret in each. */
  static void hidden(Record options) {
    requireHidden(marked(options));
    for (Class<? extends Record> inner : OptionRules.records(options.getClass())) {
      Record example = example(inner);
      if (example != null) {
        requireHidden(example);
      }
    }
  }

  private static void requireHidden(Record marked) {
    String text = marked.toString();
    require(
        !text.contains(MARK),
        "%s: its text shows a secret (expected: toString() that says Redacted.text(this))",
        marked.getClass().getSimpleName());
  }

  /** Options with their defaults and a secret wherever one can be; null if others are required. */
  private static @Nullable Record example(Class<? extends Record> type) {
    Map<String, Object> secrets = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Object mark = component.isAnnotationPresent(Secret.class) ? mark(component, null) : null;
      if (mark != null) {
        secrets.put(component.getName(), mark);
      }
    }
    try {
      return Options.defaults(type, entries(secrets));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of entries
  private static Map.Entry<String, Object>[] entries(Map<String, Object> all) {
    return all.entrySet().toArray(new Map.Entry[0]);
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

  /** A value with marked records in it. */
  private static @Nullable Object inner(@Nullable Object given) {
    if (given instanceof Record nested) {
      return marked(nested);
    }
    if (given instanceof List<?> list) {
      return list.stream().map(SecretRules::inner).toList();
    }
    if (given instanceof Map<?, ?> map) {
      Map<Object, Object> all = new LinkedHashMap<>();
      map.forEach((key, value) -> all.put(key, Objects.requireNonNull(inner(value))));
      return all;
    }
    return given;
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
