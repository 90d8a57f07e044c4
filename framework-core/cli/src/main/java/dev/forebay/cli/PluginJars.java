package dev.forebay.cli;

import dev.forebay.config.Mistakes;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.spi.options.FileError;
import dev.forebay.spi.options.Plugins;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The plugins that come with Forebay, and those in the jars of a folder that an option names. */
final class PluginJars {

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "adds the plugins in the jars of a folder")
  private @Nullable Path folder;

  /** The folder whose {@code *.jar} are added; null for none. */
  @Nullable Path folder() {
    return folder;
  }

  /**
   * All plugins. A jar or a plugin that cannot be used is told, and the others work: a command that
   * needs it will not find it.
   *
   * @param err is told
   * @throws WrongInput if the folder is none, holds no jar, or no jar that names a plugin
   */
  Registry registry(PrintWriter err) {
    ClassLoader own = PluginJars.class.getClassLoader();
    if (folder == null) {
      return Registry.load(own);
    }
    List<PluginJar> jars = jars(folder, err);
    try {
      tellDoubles(jars, own, err);
      tellUnnamed(jars, own, err);
      // Never closed: plugins load classes as long as the process runs.
      return registry(new URLClassLoader(urls(jars), own), err);
    } catch (IOException e) {
      throw new WrongInput("--plugins: " + folder + " cannot be read: " + FileError.words(e));
    }
  }

  private static URL[] urls(List<PluginJar> jars) throws IOException {
    List<URL> urls = new ArrayList<>();
    for (PluginJar jar : jars) {
      urls.add(jar.url());
    }
    return urls.toArray(URL[]::new);
  }

  private static Registry registry(ClassLoader loader, PrintWriter err) {
    Mistakes mistakes = new Mistakes();
    Registry registry = Registry.load(loader, GatewayDocument.takenNames(), mistakes);
    mistakes.all().forEach(mistake -> tell(err, mistake.toString()));
    return registry;
  }

  private static void tell(PrintWriter err, String what) {
    err.println("forebay: --plugins: " + what + "; the others work");
    err.flush();
  }

  /** Of two jars that name one class, the first is used: perhaps they are two versions. */
  private static void tellDoubles(List<PluginJar> jars, ClassLoader own, PrintWriter err)
      throws IOException {
    Map<String, String> first = new HashMap<>();
    for (URL file : Collections.list(own.getResources(Plugins.SERVICES))) {
      try (InputStream lines = file.openStream()) {
        PluginJar.names(lines).forEach(name -> first.put(name, "Forebay's own"));
      }
    }
    for (PluginJar jar : jars) {
      for (String name : jar.named()) {
        String used = first.putIfAbsent(name, jar.path().toString());
        if (used != null) {
          tell(
              err,
              "%s: %s: a second time (expected: one jar with it; %s is used)"
                  .formatted(jar.path(), name, used));
        }
      }
    }
  }

  private static void tellUnnamed(List<PluginJar> jars, ClassLoader own, PrintWriter err)
      throws IOException {
    for (PluginJar jar : jars) {
      for (String plugin : jar.unnamed(own)) {
        tell(
            err,
            "%s: %s: no line names it (expected: its full name as a line of %s)"
                .formatted(jar.path(), plugin, Plugins.SERVICES));
      }
    }
  }

  private static List<PluginJar> jars(Path folder, PrintWriter err) {
    if (!Files.isDirectory(folder)) {
      throw new WrongInput("--plugins: " + folder + " (expected: a folder with plugin jars)");
    }
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
      found.forEach(paths::add);
    } catch (IOException e) {
      throw new WrongInput("--plugins: " + folder + " cannot be read: " + FileError.words(e));
    }
    if (paths.isEmpty()) {
      throw new WrongInput("--plugins: " + folder + " holds none (expected: *.jar)");
    }
    paths.sort(null);
    List<PluginJar> jars = new ArrayList<>();
    for (Path path : paths) {
      try {
        jars.add(PluginJar.read(path));
      } catch (IOException e) {
        tell(err, path + " is not a jar: " + FileError.words(e));
      }
    }
    if (!jars.isEmpty() && jars.stream().allMatch(jar -> jar.named().isEmpty())) {
      throw new WrongInput(
          "--plugins: %s: no jar names a plugin (expected: %s in one of them, a class on each line)"
              .formatted(folder, Plugins.SERVICES));
    }
    return jars;
  }
}
