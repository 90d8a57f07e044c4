package dev.forebay.config;

import dev.forebay.spi.options.Plugins;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.security.CodeSource;

/** Where plugins come from, for messages. */
final class PluginPlaces {

  private PluginPlaces() {}

  /** The jar of a plugin, if it is in one; else its class. */
  static Place of(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    URL url = source == null ? null : source.getLocation();
    return place(type.getName(), url == null ? "" : url.toString());
  }

  /** An option of a plugin, in its jar if it is in one; else in its class. */
  static Place of(Class<?> type, String option) {
    Place plugin = of(type);
    return plugin.file().equals(type.getName())
        ? new Place(type.getName(), 0, 0, option)
        : plugin.child(option);
  }

  /** Adds that a plugin cannot be loaded, and why. */
  static void report(Plugins.Problem problem, Mistakes mistakes) {
    Place place = place(problem.name(), problem.file().toString());
    mistakes.add(place, problem.found(), problem.expected());
  }

  private static Place place(String name, String url) {
    String file = url.replaceFirst("^jar:", "").replaceFirst("!/.*$", "");
    return file.startsWith("file:") && file.endsWith(".jar")
        ? new Place(Path.of(URI.create(file)).toString(), 0, 0, name)
        : new Place(name, 0, 0, "plugin");
  }
}
