package dev.forebay.config;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Shape;
import dev.forebay.spi.options.Template;
import dev.forebay.spi.policy.Instance;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The reading of a template, which has placeholders for what an instance says of itself. */
final class TemplateReading {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z0-9_.-]*)}");

  /** For the first reading. */
  private static final Instance SAMPLE = Instance.at("127.0.0.1", 65_535);

  private final Registry registry;
  private final Mistakes mistakes;

  TemplateReading(Registry registry, Mistakes mistakes) {
    this.registry = registry;
    this.mistakes = mistakes;
  }

  /**
   * A plugin for each instance; one for a sample shows what is wrong with all of them.
   *
   * @return null if that is wrong
   */
  <T> @Nullable Template<T> read(Shape shape, Class<T> kind, Node node) {
    if (node.kind() != Node.Kind.MAPPING) {
      mistakes.add(node, shape.expected());
      return null;
    }
    int before = mistakes.count();
    Options options = registry.options(kind, node);
    if (options != null) {
      checkPlaceholders(options, node);
    }
    registry.plugin(kind, filled(node, SAMPLE), mistakes);
    return mistakes.count() > before
        ? null
        : instance -> {
          Mistakes wrong = new Mistakes();
          Plugin<T> plugin = registry.plugin(kind, filled(node, instance), wrong);
          wrong.throwIfAny();
          return plugin;
        };
  }

  private void checkPlaceholders(Options options, Node given) {
    for (Option option : options.all()) {
      Node value = given.get(option.name());
      if (value == null || option.secret()) {
        continue;
      }
      if (option.shape() instanceof Shape.Nested nested) {
        checkPlaceholders(Options.of(nested.record()), value);
      } else {
        checkPlaceholders(value);
      }
    }
  }

  private void checkPlaceholders(Node value) {
    PLACEHOLDER
        .matcher(value.text())
        .results()
        .filter(found -> value(found.group(1), SAMPLE) == null)
        .forEach(
            found ->
                mistakes.add(
                    value.place(),
                    found.group(),
                    "a placeholder of {id}, {address}, {host}, {port}"));
    value.children().forEach(this::checkPlaceholders);
  }

  private static Node filled(Node template, Instance instance) {
    return template.map(text -> filled(text, instance));
  }

  /** All at once: what an instance says of itself is not looked at again. */
  private static String filled(String template, Instance instance) {
    return PLACEHOLDER
        .matcher(template)
        .replaceAll(
            found -> {
              String value = value(found.group(1), instance);
              return Matcher.quoteReplacement(value == null ? found.group() : value);
            });
  }

  private static @Nullable String value(String placeholder, Instance instance) {
    return switch (placeholder) {
      case "id" -> instance.id();
      case "address" -> instance.address();
      case "host" -> instance.host();
      case "port" -> Integer.toString(instance.port());
      default -> null;
    };
  }
}
