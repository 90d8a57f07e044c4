package dev.forebay.examples.cheapestfirst;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.cli.Main;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin's jar, dropped into a folder, is found by a command that does not know it. */
class PluginJarTest {

  @TempDir Path folder = Path.of("");

  @BeforeEach
  void copyTheJar() throws Exception {
    Path jar = Path.of(System.getProperty("forebay.examples.jar", ""));
    Files.copy(jar, folder.resolve("cheapest-first.jar"));
  }

  @Test
  void theJarInAFolderAddsThePlugin() throws Exception {
    Ran without = forebay("plugins", "cheapest-first");
    assertEquals(2, without.code, without.output);

    Ran with = forebay("plugins", "cheapest-first", "--plugins", folder.toString());
    assertEquals(0, with.code, with.output);
    assertTrue(with.output.contains("cheapest endpoint that has room"), with.output);
    assertTrue(with.output.contains("room"), with.output);
    assertTrue(with.output.contains("prices"), with.output);
    assertFalse(with.output.contains("--plugins"), with.output + " (expected: all can be loaded)");
  }

  @Test
  void itsBalancerHasARowInAComparison() throws Exception {
    String root = System.getProperty("forebay.root", "..");
    String scenario = Path.of(root, "examples", "cheapest-first.yaml").toString();

    Ran compared =
        forebay("compare", scenario, "--seeds=1", "--combination=mine", "--plugins=" + folder);

    assertEquals(0, compared.code, compared.output);
    assertTrue(compared.output.lines().anyMatch(row -> row.startsWith("mine  ")), compared.output);
  }

  private record Ran(int code, String output) {}

  /** In a JVM of its own, without the classes of this module. */
  private static Ran forebay(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", othersClasses(), Main.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output);
  }

  private static String othersClasses() throws Exception {
    List<Path> own = List.of(placeOf(CheapestFirst.class), placeOf(PluginJarTest.class));
    return Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty() && !own.contains(Path.of(entry)))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Path placeOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
