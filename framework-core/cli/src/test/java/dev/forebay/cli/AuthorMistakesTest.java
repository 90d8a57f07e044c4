package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Plugins;
import io.vertx.core.Future;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the author of a plugin is told for each mistake: one line, with the jar and what to do. */
class AuthorMistakesTest {

  private static final String IMPORTS =
      """
      package acme;
      import dev.forebay.spi.*;
      import dev.forebay.spi.options.*;
      import dev.forebay.spi.policy.*;
      import java.util.List;
      """;

  private static final String FIRST =
      " implements Plugin<Balancer> { @Override public Balancer create(PluginContext c)"
          + " { return (request, all) -> all.get(0); } }";

  /** The author's classes, by their names: each is fine for the compiler. */
  private static final Map<String, String> SOURCES = new LinkedHashMap<>();

  static {
    SOURCES.put("Right", "public record Right()" + FIRST);
    SOURCES.put("Newer", "public record Newer()" + FIRST);
    SOURCES.put("Hidden", "record Hidden(@Default(\"1\") int n)" + FIRST);
    SOURCES.put("NoRecord", "public final class NoRecord" + FIRST);
    SOURCES.put("NoPlugin", "public record NoPlugin() {}");
    SOURCES.put(
        "NoKind",
        "public record NoKind() implements Plugin { public Object create(PluginContext c)"
            + " { return null; } }");
    SOURCES.put("Unreadable", "public record Unreadable(Thread thread)" + FIRST);
    SOURCES.put("BadDefault", "public record BadDefault(@Default(\"many\") int n)" + FIRST);
    SOURCES.put("RoundRobin", "public record RoundRobin()" + FIRST);
    SOURCES.put("Absent", "public interface Absent {}");
    SOURCES.put(
        "Needing",
        "public record Needing() implements Absent, Plugin<Balancer> { public Balancer"
            + " create(PluginContext c) { return (request, all) -> all.get(0); } }");
    SOURCES.put(
        "Late",
        "public record Late() implements Plugin<Balancer> {"
            + " public Balancer create(PluginContext c) { return (request, all) ->"
            + " all.get(new Away().index()); } }");
    SOURCES.put("Away", "public class Away { int index() { return 0; } }");
    SOURCES.put(
        "Initial",
        "public record Initial() implements Plugin<Balancer> { static final int N ="
            + " Integer.parseInt(\"x\"); public Balancer create(PluginContext c) { return (request,"
            + " all) -> all.get(N); } }");
    SOURCES.put(
        "Created",
        "public record Created() implements Plugin<Balancer> {"
            + " public Balancer create(PluginContext c)"
            + " { throw new IllegalStateException(\"no licence\"); } }");
  }

  @TempDir private static Path compiled;
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path jars = Path.of("");

  @BeforeAll
  static void compile() throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-nowarn",
                "-proc:none",
                "-Xlint:none",
                "-d",
                compiled.toString(),
                "-cp",
                classPath()));
    for (Map.Entry<String, String> source : SOURCES.entrySet()) {
      Path file = compiled.resolve(source.getKey() + ".java");
      arguments.add(Files.writeString(file, IMPORTS + source.getValue()).toString());
    }
    assertEquals(
        0,
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new)));
    Path newer = compiled.resolve("acme/Newer.class");
    byte[] bytes = Files.readAllBytes(newer);
    bytes[7] = 99; // the major version of the class file: Java 55
    Files.write(newer, bytes);
  }

  /** The places of the classes that authors compile against. */
  private static String classPath() {
    return Stream.of(Plugin.class, Future.class, Nullable.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @BeforeEach
  void makeAFolder() throws IOException {
    jars = Files.createDirectory(folder.resolve("jars"));
  }

  /** A jar of some classes, whose services file has some lines; none if there are no lines. */
  private void jar(String name, List<String> classes, String... lines) throws IOException {
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(jars.resolve(name + ".jar")))) {
      for (String each : classes) {
        jar.putNextEntry(new ZipEntry("acme/" + each + ".class"));
        jar.write(Files.readAllBytes(compiled.resolve("acme/" + each + ".class")));
        jar.closeEntry();
      }
      if (lines.length > 0) {
        jar.putNextEntry(new ZipEntry(Plugins.SERVICES));
        jar.write(String.join("\n", lines).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        jar.closeEntry();
      }
    }
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), arguments);
  }

  /** What a plugin is told as: one line with its jar; a right one beside it works all the same. */
  private void assertTold(String type, String expected) throws IOException {
    jar("it", List.of(type), "acme." + type);
    jar("right", List.of("Right"), "acme.Right");
    assertEquals(0, run("plugins", "right", "--plugins", jars.toString()), err::toString);
    String line = "forebay: --plugins: " + jars.resolve("it.jar") + ": acme." + type;
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().startsWith(line), err.toString());
    assertTrue(
        Pattern.compile(expected).matcher(err.toString().substring(line.length())).find(),
        err.toString());
    assertFalse(err.toString().contains("\tat "), err.toString());
  }

  @Test
  void noLineInServices() throws IOException {
    jar("it", List.of("Right"));
    assertEquals(2, run("plugins", "--plugins", jars.toString()));
    assertTrue(
        err.toString()
            .endsWith(
                "no jar names a plugin (expected: META-INF/services/dev.forebay.spi.Plugin in one"
                    + " of them, a class on each line)\n"),
        err.toString());
  }

  @Test
  void aLineWithoutItsClass() throws IOException {
    jar("it", List.of("Right"), "acme.Wrong");
    assertEquals(0, run("plugins", "--plugins", jars.toString()));
    assertTrue(
        err.toString().contains("acme.Wrong: no such class (expected: on each line"),
        err.toString());
  }

  @Test
  void aRecordThatIsNotPublicIsNoMistake() throws IOException {
    jar("it", List.of("Hidden"), "acme.Hidden");
    assertEquals(0, run("plugins", "hidden", "--plugins", jars.toString()), err::toString);
    assertEquals("", err.toString());
  }

  @Test
  void aClassThatIsNoRecord() throws IOException {
    assertTold("NoRecord", "is no record \\(expected: a record that implements Plugin<KIND>");
  }

  @Test
  void aRecordThatIsNoPlugin() throws IOException {
    assertTold("NoPlugin", "does not implement dev.forebay.spi.Plugin \\(expected: a record that");
  }

  @Test
  void aPluginWithoutAKind() throws IOException {
    assertTold("NoKind", "is a Plugin without a kind \\(expected: a record that implements");
  }

  @Test
  void aComponentThatCannotBeRead() throws IOException {
    assertTold("Unreadable", "thread: .*Thread");
  }

  @Test
  void aDefaultThatIsNoValue() throws IOException {
    assertTold("BadDefault", "\\.n: default many \\(expected: a whole number\\)");
  }

  @Test
  void aNameThatIsTaken() throws IOException {
    assertTold(
        "RoundRobin",
        "a second balancer round-robin \\(expected: another name; dev.forebay.balancing");
  }

  @Test
  void aClassForANewerJava() throws IOException {
    int here = Runtime.version().feature();
    assertTold(
        "Newer",
        "is compiled for Java 55 \\(expected: Java %d or older, .*--release %d\\)"
            .formatted(here, here));
  }

  @Test
  void aDependencyThatIsNotThere() throws IOException {
    assertTold(
        "Needing",
        "needs the class acme.Absent, which is not there \\(expected: its jar beside that of the");
  }

  @Test
  void aStaticInitializerThatThrows() throws IOException {
    assertTold("Initial", "cannot be loaded \\(expected: a class that can be initialized; .*\"x\"");
  }

  @Test
  void aPluginThatThrowsWhenItIsCreated() throws IOException {
    assertFailsInOneLine("Created", "no licence");
  }

  @Test
  void aDependencyThatIsFoundMissingOnlyWhenItIsUsed() throws IOException {
    assertFailsInOneLine(
        "Late", "(expected: its jar beside that of the plugin, or its classes within)");
  }

  private void assertFailsInOneLine(String type, String why) throws IOException {
    jar("it", List.of(type), "acme." + type);
    Path scenario =
        Files.writeString(
            folder.resolve("it.yaml"),
            """
            synthetic: { seconds: 2, rate-per-second: 5 }
            fleet: [{ server: { slots: 4 } }]
            combinations:
              it: { gateway: { pipeline: [{ balance: %s }] } }
            """
                .formatted(type.toLowerCase(java.util.Locale.ROOT)));
    String[] compare = {
      "compare",
      scenario.toString(),
      "--seeds",
      "1",
      "--combination",
      "it",
      "--plugins",
      jars.toString()
    };
    assertEquals(1, run(compare), err::toString);
    String said = (out + " " + err).replaceAll("\\s+", " ");
    assertTrue(said.contains(why), said);
    assertTrue(said.contains(type.toLowerCase(java.util.Locale.ROOT)), said);
    assertFalse((out + " " + err).contains("\tat "), said);
  }
}
