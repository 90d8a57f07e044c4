package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import java.lang.reflect.RecordComponent;
import java.time.Duration;

/** Checks of a record of options. */
final class OptionRules {

  private OptionRules() {}

  static void documented(Class<?> options) {
    Doc whole = options.getAnnotation(Doc.class);
    require(whole != null && !whole.value().isBlank(), "%s has no @Doc", options.getSimpleName());
    for (RecordComponent option : options.getRecordComponents()) {
      Doc doc = option.getAnnotation(Doc.class);
      require(doc != null && !doc.value().isBlank(), "option %s has no @Doc", option.getName());
    }
  }

  static void defaults(Class<? extends Record> type) {
    Options options = Options.of(type);
    for (Options.Option option : options.all()) {
      if (option.fallback() != null) {
        try {
          options.fallback(option);
        } catch (IllegalArgumentException e) {
          require(false, "default of %s", e.getMessage());
        }
      }
    }
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
}
