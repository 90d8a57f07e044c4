package dev.forebay.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What there is to know about plugins, for people and programs: as Markdown, as text, as JSON. The
 * same plugins give the same text, in any order.
 */
public final class Reference {

  private Reference() {}

  /** The reference in Markdown: a chapter for each kind, a table of options for each plugin. */
  public static String markdown(Registry registry) {
    StringBuilder out = new StringBuilder("# Plugins\n\n");
    out.append("Generated from the option records. A plugin is written as its name, or as\n");
    out.append("`{plugin: NAME, option: value}`; an option without a default is required, unless");
    out.append("\nit says optional.\n");
    byKind(registry)
        .forEach(
            (kind, plugins) -> {
              out.append("\n## ").append(kind).append('\n');
              plugins.forEach(plugin -> markdown(plugin, out));
            });
    return out.toString();
  }

  /** All plugins by kind, a line for each. */
  public static String text(Registry registry) {
    StringBuilder out = new StringBuilder();
    int width = registry.descriptions().stream().mapToInt(p -> p.name().length()).max().orElse(0);
    byKind(registry)
        .forEach(
            (kind, plugins) -> {
              out.append(out.isEmpty() ? "" : "\n").append(kind).append('\n');
              for (PluginDescription plugin : plugins) {
                String name = plugin.name() + " ".repeat(width - plugin.name().length());
                out.append(("  " + name + "  " + plugin.doc()).stripTrailing()).append('\n');
              }
            });
    return out.toString();
  }

  /** One plugin with its options. */
  public static String text(PluginDescription plugin) {
    StringBuilder out = new StringBuilder();
    out.append(plugin.name()).append(" (").append(plugin.kind()).append(")\n");
    out.append(plugin.doc().isEmpty() ? "" : "  " + plugin.doc() + "\n");
    for (OptionDescription option : plugin.options()) {
      out.append("\n  ").append(option.name()).append(": ").append(facts(option)).append('\n');
      out.append(option.doc().isEmpty() ? "" : "      " + option.doc() + "\n");
    }
    return out.toString();
  }

  /** Plugins as a JSON array. */
  public static String json(List<PluginDescription> plugins) {
    JsonArray all = new JsonArray();
    plugins.forEach(plugin -> all.add(json(plugin)));
    return all.encodePrettily();
  }

  private static JsonObject json(PluginDescription plugin) {
    JsonArray options = new JsonArray();
    for (OptionDescription option : plugin.options()) {
      options.add(
          new JsonObject()
              .put("name", option.name())
              .put("type", option.type())
              .put("unit", option.unit())
              .put("default", option.defaultValue())
              .put("min", option.min())
              .put("exclusiveMin", option.exclusiveMin())
              .put("max", option.max())
              .put("required", option.required())
              .put("secret", option.secret())
              .put("doc", option.doc()));
    }
    return new JsonObject()
        .put("kind", plugin.kind())
        .put("name", plugin.name())
        .put("doc", plugin.doc())
        .put("options", options);
  }

  private static Map<String, List<PluginDescription>> byKind(Registry registry) {
    return registry.descriptions().stream()
        .collect(Collectors.groupingBy(PluginDescription::kind, TreeMap::new, Collectors.toList()));
  }

  private static void markdown(PluginDescription plugin, StringBuilder out) {
    out.append("\n### ").append(plugin.name()).append("\n\n");
    out.append(plugin.doc().isEmpty() ? "" : plugin.doc() + "\n\n");
    if (plugin.options().isEmpty()) {
      out.append("It has no options.\n");
      return;
    }
    out.append("| Option | Type | Default | Bounds | |\n| --- | --- | --- | --- | --- |\n");
    for (OptionDescription option : plugin.options()) {
      String unit = option.unit() == null ? "" : ", " + option.unit();
      out.append("| `").append(option.name()).append("` | ");
      out.append(cell(option.type() + unit)).append(" | ");
      out.append(cell(fallback(option))).append(" | ");
      out.append(cell(bounds(option))).append(" | ");
      String secret = option.secret() ? " Secret." : "";
      out.append(cell(option.doc() + secret)).append(" |\n");
    }
  }

  private static String fallback(OptionDescription option) {
    if (option.required()) {
      return "required";
    }
    return option.defaultValue() == null ? "optional" : "`" + shownDefault(option) + "`";
  }

  private static String shownDefault(OptionDescription option) {
    return "".equals(option.defaultValue()) ? "\"\"" : String.valueOf(option.defaultValue());
  }

  private static String bounds(OptionDescription option) {
    StringJoiner bounds = new StringJoiner(", ");
    if (option.min() != null) {
      bounds.add((option.exclusiveMin() ? "> " : "≥ ") + option.min());
    }
    if (option.max() != null) {
      bounds.add("≤ " + option.max());
    }
    return bounds.toString();
  }

  private static String facts(OptionDescription option) {
    StringJoiner facts = new StringJoiner(", ").add(option.type());
    if (option.unit() != null) {
      facts.add(option.unit());
    }
    if (!bounds(option).isEmpty()) {
      facts.add(bounds(option));
    }
    if (option.secret()) {
      facts.add("secret");
    }
    return facts
        .add(
            option.required()
                ? "required"
                : option.defaultValue() == null ? "optional" : "default " + shownDefault(option))
        .toString();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
