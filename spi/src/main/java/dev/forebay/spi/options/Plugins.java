package dev.forebay.spi.options;

import dev.forebay.spi.Plugin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the records that are plugins: each is a line of {@value #SERVICES}. They are read without
 * {@link java.util.ServiceLoader}, which needs a constructor without arguments, and stops at the
 * first class that cannot be loaded.
 */
public final class Plugins {

  /** The files that name them. */
  public static final String SERVICES = "META-INF/services/dev.forebay.spi.Plugin";

  private static final String RECORD = "a record that implements Plugin<KIND>, such as Balancer";

  private static final String LINE =
      "on each line of " + SERVICES + " the full name of a record that is there";

  private static final String UNLOADED = "cannot be loaded";

  private static final String INITIALIZED = "a class that can be initialized; ";

  private Plugins() {}

  /**
   * A line that names no plugin that can be used.
   *
   * @param name the name of the class, or of the file if that cannot be read
   * @param file the file that names it
   * @param found what is wrong, such as {@code no such class}
   * @param expected what would have been right
   */
  public record Problem(String name, URL file, String found, String expected) {}

  /**
   * The plugins that a class loader sees.
   *
   * @param problems takes those that cannot be used
   */
  public static List<Class<? extends Record>> of(ClassLoader loader, Consumer<Problem> problems) {
    List<Class<? extends Record>> found = new ArrayList<>();
    names(loader, problems)
        .forEach(
            (name, file) -> {
              try {
                Class<?> type = Class.forName(name, true, loader);
                String problem = problem(type);
                if (problem == null) {
                  found.add(type.asSubclass(Record.class));
                } else {
                  problems.accept(new Problem(name, file, problem, RECORD));
                }
              } catch (ClassNotFoundException e) {
                problems.accept(new Problem(name, file, "no such class", LINE));
              } catch (ExceptionInInitializerError e) {
                problems.accept(new Problem(name, file, UNLOADED, INITIALIZED + e.getCause()));
              } catch (LinkageError | TypeNotPresentException e) {
                Unlinked why = Unlinked.of(e);
                problems.accept(new Problem(name, file, why.found(), why.expected()));
              }
            });
    return found;
  }

  private static @Nullable String problem(Class<?> type) {
    if (!Plugin.class.isAssignableFrom(type)) {
      return "does not implement " + Plugin.class.getName();
    }
    if (!type.isRecord()) {
      return "is no record";
    }
    return kind(type) == null ? "is a Plugin without a kind" : null;
  }

  /** The name that configurations and messages use. */
  public static String name(Plugin<?> plugin) {
    return plugin instanceof NamedPlugin<?> named ? named.name() : Names.nameOf(plugin.getClass());
  }

  /** The kind of plugin; null if it is not known, as of a lambda. */
  public static @Nullable Class<?> kind(Plugin<?> plugin) {
    return plugin instanceof NamedPlugin<?> named ? named.kind() : kind(plugin.getClass());
  }

  /** The record that holds its options; null if it has none. */
  public static @Nullable Record options(Plugin<?> plugin) {
    return plugin instanceof NamedPlugin<?> named
        ? named.options()
        : plugin instanceof Record record ? record : null;
  }

  /** The kind of plugin that a class makes: the argument of {@link Plugin}; null if unknown. */
  public static @Nullable Class<?> kind(Class<?> type) {
    for (Type each : type.getGenericInterfaces()) {
      if (each instanceof ParameterizedType parameterized
          && parameterized.getRawType() == Plugin.class
          && parameterized.getActualTypeArguments()[0] instanceof Class<?> kind) {
        return kind;
      }
    }
    return null;
  }

  private static Map<String, URL> names(ClassLoader loader, Consumer<Problem> problems) {
    Map<String, URL> names = new LinkedHashMap<>();
    loader
        .resources(SERVICES)
        .forEach(
            file -> {
              for (String line : lines(file, problems)) {
                String name = line.replaceFirst("#.*", "").strip();
                if (!name.isEmpty()) {
                  names.putIfAbsent(name, file);
                }
              }
            });
    return names;
  }

  private static List<String> lines(URL file, Consumer<Problem> problems) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException | UncheckedIOException e) {
      problems.accept(new Problem(SERVICES, file, "cannot be read", "a text in UTF-8; " + e));
      return List.of();
    }
  }
}
