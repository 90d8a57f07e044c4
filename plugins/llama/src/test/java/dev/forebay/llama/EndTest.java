package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process that ends while its model computes does so without a crash. The file of a crash is
 * looked for, too: it may be written while the process exits as if nothing were. {@code
 * -Dforebay.ends=20} is the long version.
 */
@Timeout(300)
class EndTest {

  private static final int TIMES = Integer.getInteger("forebay.ends", 2);
  private static final int AT_ONCE = 2;
  private static final int TERMINATED = 143;

  @TempDir Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"exit", "leave", "drain", "prompt", "loading", "signal"})
  void noEndIsACrash(String way) throws Exception {
    String model = TinyModel.path();
    for (int i = 0; i < TIMES; i += AT_ONCE) {
      List<Process> processes = new ArrayList<>();
      for (int each = 0; each < AT_ONCE; each++) {
        processes.add(start(way, model));
      }
      for (Process process : processes) {
        awaitEnd(way, process);
      }
      assertEquals(List.of(), crashes(), way);
    }
  }

  private static void awaitEnd(String way, Process process) throws Exception {
    if (way.equals("signal")) {
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        assertEquals("@", out.readLine());
        process.destroy();
      }
    }
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), () -> way + ": still there");
    assertEquals(way.equals("signal") ? TERMINATED : EndMain.CODE, process.exitValue());
  }

  private Process start(String way, String model) throws IOException {
    return new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-XX:-CreateCoredumpOnCrash",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            EndMain.class.getName(),
            way,
            model)
        .directory(folder.toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private List<String> crashes() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
