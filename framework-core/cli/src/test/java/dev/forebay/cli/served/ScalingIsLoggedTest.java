package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A served gateway tells in its log of what its autoscaler changes, and of nothing else. */
@Timeout(60)
class ScalingIsLoggedTest {

  @TempDir Path folder;

  /** A source of processes that begins with one, and an autoscaler that wants two. */
  @Test
  void aChangeAndItsOrderAreOneLineEach() throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String yaml =
        """
        http: { port: 0 }
        discover:
          from: { plugin: processes, command: ["%s", "{port}"], initial: 1 }
          accept-empty: true
          backend: { plugin: openai, id: "{id}", url: "http://{address}" }
        scaling: { interval: 1s, pools: [{ by: { plugin: fixed, replicas: 2 }, min: 1, max: 3 }] }
        """
            .formatted(java);
    Path file = Files.writeString(folder.resolve("gateway.yaml"), yaml);
    ProcessBuilder builder =
        new ProcessBuilder(
            java,
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            Main.class.getName(),
            "serve",
            file.toString());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    Process gateway = builder.redirectErrorStream(true).start();
    List<String> said = new ArrayList<>();
    try (BufferedReader out = gateway.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
        if (line.contains("orders 2 of 1")) {
          break;
        }
      }
    } finally {
      gateway.destroyForcibly();
    }
    List<String> scaling = said.stream().filter(line -> line.contains(" INFO ")).toList();
    assertTrue(scaling.size() == 2, said::toString);
    assertTrue(scaling.get(0).contains("scaling default: 1 -> 2 ("), said::toString);
    assertTrue(scaling.get(1).contains("scaling default: orders 2 of 1"), said::toString);
  }
}
