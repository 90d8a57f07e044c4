package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in the layout of the archive: {@code bin} beside {@code lib}, and no Maven. */
@Timeout(120)
class ArchiveTest {

  @TempDir Path folder = Path.of("");

  @Test
  void theLauncherRunsWhatIsInLib() throws Exception {
    Path launcher = Path.of(System.getProperty("forebay.root", "../..")).resolve("forebay");
    Path bin = Files.createDirectories(folder.resolve("forebay-1.0/bin"));
    Path lib = Files.createDirectories(folder.resolve("forebay-1.0/lib"));
    Files.copy(launcher, bin.resolve("forebay"));
    int number = 0;
    for (String each : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
      Path jar = lib.resolve(number++ + ".jar");
      if (each.endsWith(".jar")) {
        Files.createSymbolicLink(jar, Path.of(each).toAbsolutePath());
      } else if (Files.isDirectory(Path.of(each))) {
        pack(Path.of(each), jar);
      }
    }
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    ProcessBuilder builder =
        new ProcessBuilder("bash", bin.resolve("forebay").toString(), "plugins", "lru")
            .directory(elsewhere.toFile())
            .redirectErrorStream(true);
    builder.environment().put("FOREBAY_JAVA", System.getProperty("java.home", ""));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), said);
    assertTrue(said.contains("max-entries"), said);
    try (Stream<Path> left = Files.list(folder.resolve("forebay-1.0"))) {
      assertEquals(
          List.of("bin", "lib"), left.map(each -> each.getFileName().toString()).sorted().toList());
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      packed.setLevel(0);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        packed.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, packed);
      }
    }
  }
}
