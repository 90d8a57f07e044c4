package dev.forebay.cli;

import dev.forebay.config.Mistakes;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.spi.options.FileError;
import dev.forebay.spi.options.Plugins;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
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
    // Never closed: plugins load classes as long as the process runs.
    URL[] jars = jars(folder, err).toArray(URL[]::new);
    Mistakes mistakes = new Mistakes();
    Registry registry =
        Registry.load(new URLClassLoader(jars, own), GatewayDocument.takenNames(), mistakes);
    mistakes.all().forEach(mistake -> tell(err, mistake.toString()));
    return registry;
  }

  private static void tell(PrintWriter err, String what) {
    err.println("forebay: --plugins: " + what + "; the others work");
    err.flush();
  }

  private static List<URL> jars(Path folder, PrintWriter err) {
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
    List<URL> urls = new ArrayList<>();
    boolean named = false;
    for (Path path : paths) {
      try (JarFile opened = new JarFile(path.toFile())) {
        named |= opened.getEntry(Plugins.SERVICES) != null;
        urls.add(path.toUri().toURL());
      } catch (IOException e) {
        tell(err, path + " is not a jar: " + FileError.words(e));
      }
    }
    if (!named && !urls.isEmpty()) {
      throw new WrongInput(
          "--plugins: %s: no jar names a plugin (expected: %s in one of them, a class on each line)"
              .formatted(folder, Plugins.SERVICES));
    }
    return urls;
  }
}
