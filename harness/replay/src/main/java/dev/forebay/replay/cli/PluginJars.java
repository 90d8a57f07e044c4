package dev.forebay.replay.cli;

import dev.forebay.config.ConfigException;
import dev.forebay.config.Registry;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/** The plugins that come with Forebay, and those in the jars of a folder. */
final class PluginJars {

  private PluginJars() {}

  /**
   * All plugins.
   *
   * @param folder whose {@code *.jar} are added; null for none
   * @throws WrongInput where it is no folder, holds no jar, or a jar cannot be read
   * @throws ConfigException where a provider in a jar cannot be used
   */
  static Registry registry(@Nullable Path folder) {
    ClassLoader own = PluginJars.class.getClassLoader();
    if (folder == null) {
      return Registry.load(own);
    }
    List<URL> jars = jars(folder);
    if (jars.isEmpty()) {
      throw new WrongInput("--plugins: " + folder + " holds none (expected: *.jar)");
    }
    // Never closed: plugins load classes as long as the process runs.
    return Registry.load(new URLClassLoader(jars.toArray(URL[]::new), own));
  }

  private static List<URL> jars(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new WrongInput("--plugins: " + folder + " (expected: a folder with plugin jars)");
    }
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
      found.forEach(paths::add);
    } catch (IOException e) {
      throw new WrongInput("--plugins: " + folder + " cannot be read: " + e.getMessage());
    }
    paths.sort(null);
    List<URL> urls = new ArrayList<>();
    for (Path path : paths) {
      urls.add(checked(path));
    }
    return urls;
  }

  private static URL checked(Path jar) {
    try (JarFile opened = new JarFile(jar.toFile())) {
      return jar.toUri().toURL();
    } catch (IOException e) {
      throw new WrongInput("--plugins: " + jar + " is not a jar: " + e.getMessage());
    }
  }
}
