package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Plugins;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is told of the jars of plugins. */
class PluginJarsTest {

  @TempDir Path folder;

  @Doc("Has the name of a key.")
  record Http() implements Plugin<Section> {
    @Override
    public Section create(PluginContext context) {
      return new Section() {};
    }
  }

  @Doc("Has the name of a key.")
  record Balance() implements Plugin<Filter> {
    @Override
    public Filter create(PluginContext context) {
      return (request, next) -> next.serve(request);
    }
  }

  @Doc("Passes requests on.")
  record Passing() implements Plugin<Filter> {
    @Override
    public Filter create(PluginContext context) {
      return (request, next) -> next.serve(request);
    }
  }

  private record Loaded(Registry registry, List<String> told) {}

  private Loaded load() {
    StringWriter told = new StringWriter();
    PluginJars jars = new PluginJars();
    CommandLine.populateCommand(jars, "--plugins", folder.toString());
    Registry registry = jars.registry(new PrintWriter(told));
    return new Loaded(registry, told.toString().lines().toList());
  }

  /** A jar that names plugins, with their classes if it holds them. */
  private void jar(String name, boolean holds, Class<?>... plugins) throws IOException {
    jar(name, holds, plugins, plugins);
  }

  private void jar(String name, boolean holds, Class<?>[] plugins, Class<?>... held)
      throws IOException {
    Path path = folder.resolve(name);
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(path))) {
      jar.putNextEntry(new ZipEntry(Plugins.SERVICES));
      for (Class<?> plugin : plugins) {
        jar.write((plugin.getName() + "\n").getBytes(StandardCharsets.UTF_8));
      }
      if (holds) {
        classes(jar, held);
      }
    }
  }

  private static void classes(JarOutputStream jar, Class<?>... all) throws IOException {
    for (Class<?> each : all) {
      String file = each.getName().replace('.', '/') + ".class";
      jar.putNextEntry(new ZipEntry(file));
      try (var bytes = each.getClassLoader().getResourceAsStream(file)) {
        jar.write(bytes.readAllBytes());
      }
    }
  }

  @Test
  void aPluginNamedLikeAKeyOfTheDocumentIsToldAndTheOthersWork() throws IOException {
    jar("keys.jar", false, Http.class, Balance.class, Passing.class);
    Loaded loaded = load();
    String told = loaded.told.toString();
    assertEquals(2, loaded.told.size(), told);
    assertTrue(
        told.contains(": a section http (expected: another name; http is a key of the document)"),
        told);
    assertTrue(
        told.contains(
            ": a filter balance (expected: another name; balance is a key of the document)"),
        told);
    assertFalse(loaded.registry.names(Section.class).contains("http"));
    assertTrue(loaded.registry.names(Filter.class).contains("passing"));
  }

  @Test
  void aPluginInTwoJarsIsToldWithTheJarThatIsUsed() throws IOException {
    jar("v1.jar", true, Passing.class);
    jar("v2.jar", true, Passing.class);
    assertEquals(
        List.of(
            "forebay: --plugins: %s: %s: a second time (expected: one jar with it; %s is used); the"
                    .formatted(
                        folder.resolve("v2.jar"), Passing.class.getName(), folder.resolve("v1.jar"))
                + " others work"),
        load().told);
  }

  @Test
  void aPluginOfForebaysOwnInAJarIsTold() throws IOException {
    Class<?> own = new ArrayList<>(Plugins.of(getClass().getClassLoader(), no -> {})).getFirst();
    jar("old.jar", false, own);
    assertTrue(
        load().told.getFirst().contains("; Forebay's own is used); the others work"),
        load().told.toString());
  }

  @Test
  void aJarWithAPluginThatNoLineNamesIsTold() throws IOException {
    jar("good.jar", true, Passing.class);
    jar("forgotten.jar", true, new Class<?>[0], Http.class, PluginJarsTest.class);
    assertEquals(
        List.of(
            "forebay: --plugins: %s: %s: no line names it (expected: its full name as a line of %s);"
                    .formatted(
                        folder.resolve("forgotten.jar"), Http.class.getName(), Plugins.SERVICES)
                + " the others work"),
        load().told);
  }
}
