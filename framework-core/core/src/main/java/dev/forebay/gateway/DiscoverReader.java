package dev.forebay.gateway;

import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.config.Registry;
import dev.forebay.core.Membership;
import dev.forebay.spi.Backend;
import dev.forebay.spi.EndpointSource;
import dev.forebay.spi.Instance;
import dev.forebay.spi.Plugin;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads where the members of a pool come from. The backend is a template: in its values {@code
 * {id}}, {@code {host}}, {@code {port}} and {@code {address}} (host and port) stand for those of an
 * instance.
 *
 * <pre>
 * discover:
 *   from: { plugin: consul, service: llm }
 *   backend: { plugin: openai, id: "{id}", url: "http://{address}" }
 * </pre>
 */
final class DiscoverReader {

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

  private static Node filled(Node template, Instance instance) {
    return template.map(
        text ->
            text.replace("{id}", instance.id())
                .replace("{address}", instance.address())
                .replace("{host}", instance.host())
                .replace("{port}", Integer.toString(instance.port())));
  }
}
