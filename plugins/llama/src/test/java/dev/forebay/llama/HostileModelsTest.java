package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gguf.GgufFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models that say wrong things of themselves: each is one clear line, or works. The engine is in
 * another process, so that its crash is seen. {@code -Dforebay.hostile.models=5000} is the long
 * version; {@code -Dforebay.hostile.models.seed=N} begins elsewhere.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class HostileModelsTest {

  private static final int MODELS = Integer.getInteger("forebay.hostile.models", 300);
  private static final long SEED = Long.getLong("forebay.hostile.models.seed", 1L);
  private static final int MODELS_PER_PROCESS = 100; // engines cannot be freed

  @TempDir Path folder = Path.of("");

  @Test
  void eachIsOneClearLineOrWorks() throws Exception {
    Path tiny = Path.of(TinyModel.path());
    ModelMutations mutations = new ModelMutations(GgufFile.read(tiny), Files.readAllBytes(tiny));
    Map<String, Integer> endings = new TreeMap<>();
    List<String> crashes = new ArrayList<>();
    for (int from = 0; from < MODELS; from += MODELS_PER_PROCESS) {
      int to = Math.min(MODELS, from + MODELS_PER_PROCESS);
      for (int next = from; next < to; ) {
        try (Loader loader = new Loader()) {
          for (boolean alive = true; alive && next < to; next++) {
            ModelMutations.Mutated mutated = mutations.of(SEED + next);
            Path path = folder.resolve("model-" + next + ".gguf");
            Files.write(path, mutated.bytes().getBytes());
            String said = loader.load(path);
            alive = !said.isEmpty();
            if (!alive) {
              crashes.add("seed " + (SEED + next) + ": " + mutated.what() + loader.log());
            }
            endings.merge(alive ? said.split(" ", 2)[0] : "crashed", 1, Integer::sum);
            assertTrue(!said.contains("|"), () -> "more than a line: " + said);
            Files.delete(path);
          }
        }
      }
    }
    System.out.println(
        "hostile models: seeds " + SEED + " to " + (SEED + MODELS - 1) + ", " + endings);
    assertEquals(List.of(), crashes, () -> String.join("\n", crashes));
    assertTrue(endings.containsKey("loaded") && endings.containsKey("refused"), endings::toString);
  }

  /** A process that loads models. */
  private static final class Loader implements AutoCloseable {
    private final Path log;
    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    Loader() throws IOException {
      log = Files.createTempFile("forebay-loader", ".txt");
      process =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/java",
                  "-Xmx128m",
                  "-XX:-CreateCoredumpOnCrash",
                  "-XX:ErrorFile=" + log + ".jvm",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  LoadMain.class.getName())
              .redirectError(log.toFile())
              .start();
      in = process.outputWriter(StandardCharsets.UTF_8);
      out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** What it says of a model; empty where it ended. */
    String load(Path path) throws IOException {
      try {
        in.write(path + "\n");
        in.flush();
      } catch (IOException e) {
        return "";
      }
      String line = out.readLine();
      while (line != null && !line.startsWith("@")) {
        line = out.readLine();
      }
      return line == null ? "" : line.substring(1);
    }

    /** The last that it wrote to its errors. */
    String log() throws IOException {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      return ": " + String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
      Files.deleteIfExists(log);
      Files.deleteIfExists(Path.of(log + ".jvm"));
    }
  }
}
