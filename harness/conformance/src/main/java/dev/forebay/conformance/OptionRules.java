package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.options.Bounds;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Shape;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BiConsumer;

/** Checks of a record of options, and of the records in it, its lists and its mappings. */
final class OptionRules {

  private OptionRules() {}

  static void documented(Class<? extends Record> options) {
    Doc whole = options.getAnnotation(Doc.class);
    require(whole != null && !whole.value().isBlank(), "%s has no @Doc", options.getSimpleName());
    each(
        options, (name, option) -> require(!option.doc().isBlank(), "option %s has no @Doc", name));
  }

  static void defaults(Class<? extends Record> type) {
    each(
        type,
        (name, option) -> {
          if (option.fallback() != null) {
            try {
              Options.of(owner(option)).fallback(option);
            } catch (IllegalArgumentException e) {
              require(false, "default of %s", e.getMessage());
            }
          }
        });
  }

  private static Class<? extends Record> owner(Option option) {
    return option.component().getDeclaringRecord().asSubclass(Record.class);
  }

  static void bounded(Class<? extends Record> options) {
    each(
        options,
        (name, option) -> {
          Shape leaf = leaf(option.shape());
          Bounds bounds = leaf.bounds();
          require(
              !numeric(leaf) || (Double.isFinite(bounds.min()) && Double.isFinite(bounds.max())),
              "option %s: no bounds (expected: @Range with min and max)",
              name);
        });
  }

  static void secrets(Class<? extends Record> options) {
    each(
        options,
        (name, option) -> {
          boolean secret =
              leaf(option.shape()) instanceof Shape.Words
                  && option
                      .component()
                      .getName()
                      .matches("(?i).*(apikey|password|passwd|secret|credential|token)s?");
          require(
              !secret || option.secret(),
              "option %s: looks like a secret, but is not marked (expected: @Secret)",
              name);
        });
  }

  /** The records in a record of options, at every depth. */
  static Set<Class<? extends Record>> records(Class<? extends Record> options) {
    Set<Class<? extends Record>> all = new LinkedHashSet<>();
    each(
        options,
        (name, option) -> {
          if (leaf(option.shape()) instanceof Shape.Nested nested) {
            all.add(nested.record());
          }
        });
    return all;
  }

  /** Each option of a record and of those in it, with its path, such as {@code accounts.key}. */
  private static void each(Class<? extends Record> type, BiConsumer<String, Option> check) {
    each(type, "", new HashSet<>(), check);
  }

  private static void each(
      Class<? extends Record> type,
      String path,
      Set<Class<?>> seen,
      BiConsumer<String, Option> check) {
    if (!seen.add(type)) {
      return;
    }
    for (Option option : Options.of(type).all()) {
      String name = path + option.component().getName();
      check.accept(name, option);
      if (leaf(option.shape()) instanceof Shape.Nested nested) {
        each(nested.record(), name + ".", seen, check);
      }
    }
  }

  /** What is in a list or a mapping, at every depth; another shape itself. */
  private static Shape leaf(Shape shape) {
    return switch (shape) {
      case Shape.ListOf list -> leaf(list.element());
      case Shape.MapOf map -> leaf(map.element());
      default -> shape;
    };
  }

  private static boolean numeric(Shape shape) {
    return shape instanceof Shape.Whole
        || shape instanceof Shape.Real
        || shape instanceof Shape.Size
        || shape instanceof Shape.Time;
  }
}
