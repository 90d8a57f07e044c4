package dev.forebay.gateway;

import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.config.Registry;
import dev.forebay.core.balancing.Membership;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Shape;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads where the members of a pool come from. The backend is a template: in its values {@code
 * {id}}, {@code {host}}, {@code {port}} and {@code {address}} (host and port) stand for those of an
 * instance. Another name in braces is a mistake, unless it is in a secret.
 *
 * <pre>
 * discover:
 *   from: { plugin: consul, service: llm }
 *   backend: { plugin: openai, id: "{id}", url: "http://{address}" }
 * </pre>
 */
final class DiscoverReader {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z0-9_.-]*)}");
  private static final Instance SAMPLE = Instance.at("127.0.0.1", 65_535);

  private final Registry registry;
  private final OptionsReader options;
  private final Mistakes mistakes;

  DiscoverReader(Registry registry, OptionsReader options, Mistakes mistakes) {
    this.registry = registry;
    this.options = options;
    this.mistakes = mistakes;
  }

  /** Reads it; null where something is wrong. */
  Pool.@Nullable Discover read(Node node) {
    Node from = node.get("from");
    Node backend = node.get("backend");
    if (from == null || backend == null || backend.kind() != Node.Kind.MAPPING) {
      mistakes.add(
          node,
          "a mapping with from (one of "
              + String.join(", ", registry.names(EndpointSource.class))
              + ") and backend, such as { from: { plugin: dns, name: llm.internal, port: 8000 },"
              + " backend: { plugin: openai, id: \"{id}\", url: \"http://{address}\" } }");
      return null;
    }
    Node id = backend.get("id");
    if (id == null || !id.text().contains("{")) {
      mistakes.add(backend, "an id that differs for each instance, such as id: \"{id}\"");
    }
    Plugin<EndpointSource> source = registry.plugin(EndpointSource.class, from, mistakes);
    int before = mistakes.all().size();
    Options template = registry.options(Backend.class, backend);
    if (template != null) {
      checkPlaceholders(template, backend);
    }
    registry.plugin(Backend.class, filled(backend, SAMPLE), mistakes);
    Membership.Options read =
        options.read(
            Membership.Options.class,
            node.without("from", "backend"),
            new LinkedHashSet<>(List.of("from", "backend")),
            mistakes);
    if (read == null || mistakes.all().size() > before) {
      return null;
    }
    return new Pool.Discover(source, instance -> backend(backend, instance), read);
  }

  private Plugin<Backend> backend(Node template, Instance instance) {
    Mistakes wrong = new Mistakes();
    Plugin<Backend> plugin = registry.plugin(Backend.class, filled(template, instance), wrong);
    wrong.throwIfAny();
    return plugin;
  }

  private void checkPlaceholders(Options template, Node given) {
    for (Options.Option option : template.all()) {
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
