package dev.forebay.replay.cli;

import dev.forebay.config.Registry;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Plugins: those on the class path, and those of jars in a folder. */
final class PluginJars {

  private PluginJars() {}

  /**
   * All plugins that there are.
   *
   * @param folder where further jars are; null for none
   * @throws WrongInput where it is not a folder
   */
  static Registry registry(@Nullable Path folder) {
    ClassLoader own = PluginJars.class.getClassLoader();
    return Registry.load(folder == null ? own : new URLClassLoader(jars(folder), own));
  }

  private static URL[] jars(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new WrongInput("--plugins: " + folder + " (expected: a folder of jars)");
    }
    List<URL> urls = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        if (file.toString().endsWith(".jar")) {
          urls.add(url(file));
        }
      }
    } catch (IOException e) {
      throw new WrongInput("--plugins: " + folder + ": " + e);
    }
    return urls.toArray(new URL[0]);
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new WrongInput("--plugins: " + file + ": " + e);
    }
  }
}
