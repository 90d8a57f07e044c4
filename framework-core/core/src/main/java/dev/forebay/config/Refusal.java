package dev.forebay.config;

import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a record's constructor or its {@code create} says against options that are each right. */
final class Refusal {

  /** The house's form: {@code burst: 1 (expected: at least the rate)}, perhaps with more. */
  private static final Pattern FORM =
      Pattern.compile(
          "([A-Za-z][A-Za-z0-9-]*): (.{0,200}) \\(expected: (.{1,500})\\)([^()]{0,200})");

  private Refusal() {}

  static Mistake mistake(Options options, Node node, @Nullable Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    String message = withoutSecrets(options, node, message(thrown));
    Matcher form = FORM.matcher(message);
    if (form.matches()) {
      String key = Names.kebab(form.group(1));
      Option option = options.get(key);
      if (option != null) {
        String value = option.secret() ? "***" : form.group(2) + form.group(4);
        return new Mistake(node.placeOf(key), value, form.group(3));
      }
    }
    return Mistake.refused(node.place(), message);
  }

  private static String message(@Nullable Throwable thrown) {
    if (thrown == null) {
      return "other options";
    }
    String message = thrown.getMessage();
    return thrown instanceof IllegalArgumentException && message != null
        ? message
        : "options that do not make " + thrown;
  }

  private static String withoutSecrets(Options options, Node node, String message) {
    List<String> secrets = new ArrayList<>();
    secrets(options, node, secrets);
    return Text.without(secrets, message);
  }

  private static void secrets(Options options, Node node, List<String> secrets) {
    for (Option option : options.all()) {
      Node given = node.get(option.name());
      if (given != null && option.secret()) {
        collect(given, secrets);
      } else if (given != null) {
        secrets(option.shape(), given, secrets);
      }
    }
  }

  private static void secrets(Shape shape, Node given, List<String> secrets) {
    if (shape instanceof Shape.Nested nested) {
      secrets(Options.of(nested.record()), given, secrets);
    } else if (shape instanceof Shape.ListOf list) {
      given.items().forEach(item -> secrets(list.element(), item, secrets));
    } else if (shape instanceof Shape.MapOf map) {
      given.children().forEach(child -> secrets(map.element(), child, secrets));
    }
  }

  private static void collect(Node node, List<String> texts) {
    if (!node.text().isEmpty()) {
      texts.add(node.text());
    }
    for (Node child : node.children()) {
      collect(child, texts);
    }
  }
}
