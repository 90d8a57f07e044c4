package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Range;
import dev.forebay.spi.Secret;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks of a record of options. */
final class OptionRules {

  private static final Pattern QUANTITY =
      Pattern.compile("(-?[0-9][0-9_]*(?:\\.[0-9]+)?(?:[eE][0-9]+)?)\\s*([A-Za-z]*)");

  private OptionRules() {}

  static void documented(Class<?> options) {
    Doc whole = options.getAnnotation(Doc.class);
    require(whole != null && !whole.value().isBlank(), "%s has no @Doc", options.getSimpleName());
    for (RecordComponent option : options.getRecordComponents()) {
      Doc doc = option.getAnnotation(Doc.class);
      require(doc != null && !doc.value().isBlank(), "option %s has no @Doc", option.getName());
    }
  }

  static void defaults(Class<?> options) {
    for (RecordComponent option : options.getRecordComponents()) {
      Default given = option.getAnnotation(Default.class);
      if (given != null) {
        check(option, given.value());
      }
    }
  }

  private static void check(RecordComponent option, String value) {
    Class<?> type = option.getType();
    if (type == boolean.class || type == Boolean.class) {
      require(value.matches("true|false"), "%s: %s (expected: true or false)", name(option), value);
    } else if (type.isEnum()) {
      require(
          constant(type, value),
          "%s: %s (expected: one of %s)",
          name(option),
          value,
          Arrays.toString(type.getEnumConstants()));
    } else if (numeric(type)) {
      BigDecimal number = number(type, value);
      require(number != null, "%s: %s (expected: a %s)", name(option), value, type);
      Range range = option.getAnnotation(Range.class);
      if (range != null && number != null) {
        within(option, range, number.doubleValue());
      }
    }
  }

  private static boolean constant(Class<?> type, String value) {
    String wanted = value.replace('-', '_').toUpperCase(Locale.ROOT);
    return Arrays.stream(type.getEnumConstants())
        .anyMatch(one -> ((Enum<?>) one).name().equals(wanted));
  }

  private static void within(RecordComponent option, Range range, double value) {
    boolean low = range.exclusiveMin() ? value > range.min() : value >= range.min();
    require(
        low && value <= range.max(),
        "%s: default %s (expected: %s %s, and at most %s)",
        name(option),
        value,
        range.exclusiveMin() ? "above" : "at least",
        range.min(),
        range.max());
  }

  static void bounded(Class<?> options) {
    for (RecordComponent option : options.getRecordComponents()) {
      if (numeric(option.getType())) {
        Range range = option.getAnnotation(Range.class);
        require(
            range != null && Double.isFinite(range.min()) && Double.isFinite(range.max()),
            "%s: no bounds (expected: @Range with min and max)",
            name(option));
      }
    }
  }

  static void secrets(Class<?> options) {
    for (RecordComponent option : options.getRecordComponents()) {
      boolean secret =
          option.getType() == String.class
              && option.getName().matches("(?i).*(apikey|password|passwd|secret|credential)s?");
      require(
          !secret || option.isAnnotationPresent(Secret.class),
          "%s: looks like a secret, but is not marked (expected: @Secret)",
          name(option));
    }
  }

  private static String name(RecordComponent option) {
    return "option " + option.getName();
  }

  private static boolean numeric(Class<?> type) {
    return type == int.class
        || type == long.class
        || type == double.class
        || type == float.class
        || type == Duration.class
        || Number.class.isAssignableFrom(type);
  }

  /** The number, in seconds for durations and bytes for sizes; null where it is none. */
  private static @Nullable BigDecimal number(Class<?> type, String value) {
    if (type == Duration.class && value.startsWith("P")) {
      return BigDecimal.valueOf(Duration.parse(value).toNanos(), 9);
    }
    Matcher matcher = QUANTITY.matcher(value);
    if (!matcher.matches()) {
      return null;
    }
    BigDecimal factor = factor(type, matcher.group(2));
    return factor == null
        ? null
        : new BigDecimal(matcher.group(1).replace("_", "")).multiply(factor);
  }

  private static @Nullable BigDecimal factor(Class<?> type, String unit) {
    boolean time = type == Duration.class;
    return switch (unit) {
      case "" -> BigDecimal.ONE;
      case "ns" -> time ? new BigDecimal("1e-9") : null;
      case "us" -> time ? new BigDecimal("1e-6") : null;
      case "ms" -> time ? new BigDecimal("1e-3") : null;
      case "s" -> time ? BigDecimal.ONE : null;
      case "m", "min" -> time ? new BigDecimal(60) : null;
      case "h" -> time ? new BigDecimal(3_600) : null;
      case "d" -> time ? new BigDecimal(86_400) : null;
      case "B" -> time ? null : BigDecimal.ONE;
      case "kB", "KB" -> time ? null : new BigDecimal(1_000);
      case "MB" -> time ? null : new BigDecimal(1_000_000);
      case "GB" -> time ? null : new BigDecimal(1_000_000_000);
      case "KiB" -> time ? null : new BigDecimal(1L << 10);
      case "MiB" -> time ? null : new BigDecimal(1L << 20);
      case "GiB" -> time ? null : new BigDecimal(1L << 30);
      default -> null;
    };
  }
}
