package dev.forebay.cli;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Plugins;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * A jar in the folder of plugins.
 *
 * @param path of the file
 * @param named the classes that its lines name
 */
record PluginJar(Path path, Set<String> named) {

  private static final byte[] PLUGIN =
      Plugin.class.getName().replace('.', '/').getBytes(StandardCharsets.US_ASCII);

  /** Reads a jar. */
  static PluginJar read(Path path) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      JarEntry services = jar.getJarEntry(Plugins.SERVICES);
      if (services == null) {
        return new PluginJar(path, Set.of());
      }
      try (InputStream lines = jar.getInputStream(services)) {
        return new PluginJar(path, names(lines));
      }
    }
  }

  /** The classes that the lines of a file name. */
  static Set<String> names(InputStream services) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (String line : new String(services.readAllBytes(), StandardCharsets.UTF_8).split("\\R")) {
      names.add(line.replaceFirst("#.*", "").strip());
    }
    names.remove("");
    return names;
  }

  URL url() throws IOException {
    return path.toUri().toURL();
  }

  /** The records in it that are plugins, of a jar that names none. */
  List<String> unnamed(ClassLoader own) throws IOException {
    if (!named.isEmpty()) {
      return List.of();
    }
    try (JarFile jar = new JarFile(path.toFile());
        URLClassLoader loader = new URLClassLoader(new URL[] {url()}, own)) {
      return jar.stream()
          .filter(entry -> entry.getName().endsWith(".class") && mentionsPlugin(jar, entry))
          .map(entry -> entry.getName().replaceFirst("\\.class$", "").replace('/', '.'))
          .filter(name -> isPlugin(loader, name))
          .sorted()
          .toList();
    }
  }

  /** Whether the bytes of a class have the name of {@link Plugin}: few do, so few are loaded. */
  private static boolean mentionsPlugin(JarFile jar, JarEntry entry) {
    try (InputStream in = jar.getInputStream(entry)) {
      byte[] bytes = in.readAllBytes();
      for (int i = 0; i + PLUGIN.length <= bytes.length; i++) {
        int at = 0;
        while (at < PLUGIN.length && bytes[i + at] == PLUGIN[at]) {
          at++;
        }
        if (at == PLUGIN.length) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isPlugin(ClassLoader loader, String name) {
    try {
      Class<?> type = Class.forName(name, false, loader);
      return type.isRecord() && Plugin.class.isAssignableFrom(type);
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
