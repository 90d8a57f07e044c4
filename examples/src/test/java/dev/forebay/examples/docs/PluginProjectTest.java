package dev.forebay.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.cli.Main;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project of a plugin, {@code examples/plugin}: it names what there is and, with {@code
 * -Dforebay.plugin.project=true} after {@code mvn install -Dquick}, it is built from the installed
 * artifacts outside the repository, passes its contract, and gets its row.
 */
class PluginProjectTest {

  private static final Path PROJECT = QuotesTest.ROOT.resolve("examples/plugin");

  @TempDir private Path folder;

  @Test
  void itsVersionsAreThoseOfTheReadme() throws Exception {
    String pom = Files.readString(PROJECT.resolve("pom.xml"));
    String readme = Files.readString(QuotesTest.ROOT.resolve("README.md"));
    List<String> versions =
        pom.lines().map(String::strip).filter(PluginProjectTest::isOne).toList();
    assertTrue(versions.size() >= 6, versions.toString());
    versions.forEach(version -> assertTrue(readme.contains(version), version));
  }

  private static boolean isOne(String line) {
    return line.startsWith("<version>");
  }

  @Test
  void eachLineOfItsServicesIsAClassOfIt() throws Exception {
    Path services = PROJECT.resolve("src/main/resources/META-INF/services/dev.forebay.spi.Plugin");
    for (String line : Files.readAllLines(services)) {
      Path source = PROJECT.resolve("src/main/java/" + line.replace('.', '/') + ".java");
      assertTrue(Files.readString(source).contains("implements Plugin<"), line);
    }
  }

  @Test
  @Timeout(300)
  void itIsBuiltFromInstalledArtifactsAndGetsItsRow() throws Exception {
    assumeTrue(
        Boolean.getBoolean("forebay.plugin.project"),
        "-Dforebay.plugin.project=true builds it, after mvn install -Dquick");
    assumeTrue(installed(), "no artifacts are installed: mvn install -Dquick");
    ProcessBuilder trying =
        new ProcessBuilder(PROJECT.resolve("try.sh").toString(), "-o").redirectErrorStream(true);
    trying.environment().put("FOREBAY", command().toString());
    Process process = trying.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertTrue(said.contains("first content is to be expected soonest"), said);
    assertTrue(said.lines().anyMatch(line -> line.startsWith("mine ")), said);
  }

  private static boolean installed() throws Exception {
    Path home = Path.of(System.getProperty("user.home", ""), ".m2", "repository");
    Path repository = Path.of(System.getProperty("maven.repo.local", home.toString()));
    Path spi = repository.resolve("dev/forebay/forebay-conformance");
    if (!Files.isDirectory(spi)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(spi)) {
      return files.anyMatch(file -> file.toString().endsWith(".jar"));
    }
  }

  /** The command forebay, with the classes of this build. */
  private Path command() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String classes =
        String.join(
            File.pathSeparator,
            Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .toList());
    Path arguments =
        Files.writeString(
            folder.resolve("arguments"), "-cp \"" + classes + "\"\n" + Main.class.getName());
    Path command =
        Files.writeString(
            folder.resolve("forebay"), "#!/bin/sh\nexec " + java + " @" + arguments + " \"$@\"\n");
    return Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
