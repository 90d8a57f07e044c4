package dev.forebay.config;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Options.Option;
import dev.forebay.spi.options.Shape;
import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.Set;

/** Looks for the plugins that are defaults of other plugins' options. */
final class PluginDefaults {

  private final Registry registry;
  private final Mistakes mistakes;

  PluginDefaults(Registry registry, Mistakes mistakes) {
    this.registry = registry;
    this.mistakes = mistakes;
  }

  /** Whether a default of a plugin names none, or leads back to the plugin; adds each that does. */
  boolean areWrong(Class<? extends Record> plugin) {
    if (!mayHavePlugins(plugin)) {
      return false;
    }
    int before = mistakes.count();
    for (Option option : Options.of(plugin).all()) {
      if (option.shape() instanceof Shape.PluginOf shape && option.fallback() != null) {
        check(plugin, option, shape.kind(), option.fallback());
      }
    }
    return mistakes.count() > before;
  }

  /** Most have none, and to read all their options would be a tenth of a command's start. */
  private static boolean mayHavePlugins(Class<? extends Record> plugin) {
    for (RecordComponent component : plugin.getRecordComponents()) {
      if (component.getType() == Plugin.class || component.getType().isRecord()) {
        return true;
      }
    }
    return false;
  }

  private void check(Class<? extends Record> plugin, Option option, Class<?> kind, String name) {
    Class<? extends Record> found = registry.find(kind, name);
    if (found == null) {
      add(plugin, option, registry.expected(kind, name));
    } else if (leadsTo(plugin, found, new HashSet<>())) {
      add(plugin, option, "a plugin whose own defaults do not lead back to this one");
    }
  }

  private void add(Class<? extends Record> plugin, Option option, String expected) {
    mistakes.add(PluginPlaces.of(plugin, option.name()), "default " + option.fallback(), expected);
  }

  private boolean leadsTo(
      Class<? extends Record> plugin, Class<? extends Record> from, Set<Class<?>> seen) {
    if (from == plugin) {
      return true;
    }
    if (!seen.add(from)) {
      return false;
    }
    for (Option option : Options.of(from).all()) {
      if (option.shape() instanceof Shape.PluginOf shape && option.fallback() != null) {
        Class<? extends Record> next = registry.find(shape.kind(), option.fallback());
        if (next != null && leadsTo(plugin, next, seen)) {
          return true;
        }
      }
    }
    return false;
  }
}
