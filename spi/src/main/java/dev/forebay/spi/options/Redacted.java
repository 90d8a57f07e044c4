package dev.forebay.spi.options;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Options as text, without what is {@link Secret}. The text that Java makes of a record shows
 * everything, so a record with secrets says {@code return Redacted.text(this)} in its own {@code
 * toString}.
 */
public final class Redacted {

  /** What stands for a secret that is set. */
  public static final String SECRET = "***";

  private Redacted() {}

  /** A record as Java would write it, but with {@code ***} for each secret that is set. */
  public static String text(Record options) {
    StringJoiner text = new StringJoiner(", ", options.getClass().getSimpleName() + "[", "]");
    for (RecordComponent component : options.getClass().getRecordComponents()) {
      Object value = value(options, component.getAccessor());
      boolean hidden = value != null && component.isAnnotationPresent(Secret.class);
      text.add(component.getName() + "=" + (hidden ? SECRET : value));
    }
    return text.toString();
  }

  private static @Nullable Object value(Record options, Method accessor) {
    try {
      accessor.setAccessible(true);
      return accessor.invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(options.getClass() + ": cannot be read", e);
    }
  }
}
