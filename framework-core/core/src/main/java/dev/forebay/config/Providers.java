package dev.forebay.config;

import dev.forebay.spi.Provider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds providers, and says of each that cannot be loaded which one it is. */
final class Providers {

  private static final int MOST_FAILURES = 1000;

  private Providers() {}

  static List<Provider<?, ?>> load(ClassLoader loader, Mistakes mistakes) {
    List<Provider<?, ?>> found = new ArrayList<>();
    @SuppressWarnings("rawtypes") // a service is a class without type arguments
    Iterator<Provider> all = ServiceLoader.load(Provider.class, loader).iterator();
    for (int failures = 0; failures < MOST_FAILURES; ) {
      try {
        if (!all.hasNext()) {
          return found;
        }
        found.add(all.next());
      } catch (ServiceConfigurationError e) {
        failures++;
        report(Provider.class.getName(), reason(e), mistakes);
      } catch (LinkageError e) {
        failures++;
        nameUnlinkable(loader, e, mistakes);
      }
    }
    return found;
  }

  /** {@code dev.forebay.spi.Provider: Provider a.B not found} says it all but the cause. */
  private static String reason(ServiceConfigurationError e) {
    String message = String.valueOf(e.getMessage()).replace(Provider.class.getName() + ": ", "");
    return e.getCause() == null ? message : message + ": " + e.getCause();
  }

  /**
   * A class that cannot be linked is reported by ServiceLoader without the provider's name, so the
   * names are tried here.
   */
  private static void nameUnlinkable(ClassLoader loader, LinkageError error, Mistakes mistakes) {
    boolean named = false;
    for (String name : names(loader)) {
      try {
        Class.forName(name, false, loader);
      } catch (LinkageError e) {
        report(name, e.toString(), mistakes);
        named = true;
      } catch (ClassNotFoundException e) {
        // ServiceLoader names these itself
      }
    }
    if (!named) {
      report(Provider.class.getName(), error.toString(), mistakes);
    }
  }

  private static List<String> names(ClassLoader loader) {
    return loader
        .resources("META-INF/services/" + Provider.class.getName())
        .flatMap(url -> lines(url).stream())
        .map(line -> line.replaceFirst("#.*", "").strip())
        .filter(line -> !line.isEmpty())
        .toList();
  }

  private static List<String> lines(URL url) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static void report(String who, String why, Mistakes mistakes) {
    Place place = new Place(who, 0, 0, "provider");
    mistakes.add(new Mistake(place, "cannot be loaded", "a loadable class: " + why));
  }
}
