package dev.forebay.config;

import dev.forebay.spi.Provider;
import dev.forebay.spi.options.Plugins;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds providers as {@link java.util.ServiceLoader} does, but each by itself: one that cannot be
 * loaded is named with its jar, and the others are there.
 */
final class Providers {

  private static final String SERVICES = "META-INF/services/" + Provider.class.getName();

  private Providers() {}

  static List<Provider<?, ?>> load(ClassLoader loader, Mistakes mistakes) {
    List<Provider<?, ?>> found = new ArrayList<>();
    names(loader, mistakes)
        .forEach(
            (name, url) -> {
              try {
                Class<?> type = Class.forName(name, true, loader);
                found.add((Provider<?, ?>) type.getConstructor().newInstance());
              } catch (InvocationTargetException e) {
                report(name, url, String.valueOf(e.getCause()), mistakes);
              } catch (NoSuchMethodException | IllegalAccessException e) {
                report(name, url, "it has no public constructor without arguments", mistakes);
              } catch (ClassCastException e) {
                report(name, url, "it does not implement " + Provider.class.getName(), mistakes);
              } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
                report(name, url, e.toString(), mistakes);
              }
            });
    return found;
  }

  /** Where a plugin comes from, for messages: its jar, if it is in one. */
  static Place place(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    URL url = source == null ? null : source.getLocation();
    return place(type.getName(), url == null ? "" : url.toString());
  }

  static void report(Plugins.Problem problem, Mistakes mistakes) {
    report(problem.name(), problem.file(), problem.why(), mistakes);
  }

  private static Place place(String name, String url) {
    String file = url.replaceFirst("^jar:", "").replaceFirst("!/.*$", "");
    return file.startsWith("file:") && file.endsWith(".jar")
        ? new Place(Path.of(URI.create(file)).toString(), 0, 0, name)
        : new Place(name, 0, 0, "plugin");
  }

  /** The classes that are named as providers, with the files that name them. */
  private static Map<String, URL> names(ClassLoader loader, Mistakes mistakes) {
    Map<String, URL> names = new LinkedHashMap<>();
    loader
        .resources(SERVICES)
        .forEach(
            url -> {
              for (String line : lines(url, mistakes)) {
                String name = line.replaceFirst("#.*", "").strip();
                if (!name.isEmpty()) {
                  names.putIfAbsent(name, url);
                }
              }
            });
    return names;
  }

  private static List<String> lines(URL url, Mistakes mistakes) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException | UncheckedIOException e) {
      report(SERVICES, url, e.toString(), mistakes);
      return List.of();
    }
  }

  private static void report(String name, URL url, String why, Mistakes mistakes) {
    Place place = place(name, url.toString());
    mistakes.add(place, "cannot be loaded", "a plugin that can be loaded: " + why);
  }
}
