package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same seed gives the same run in any JVM, whatever its locale, time zone and hash codes. */
class DeterminismTest {

  private static final long SECONDS = 120;

  @TempDir private Path folder;

  @Test
  void twoJvmsAgree() throws Exception {
    Process here =
        start(
            "here.json",
            List.of("-Duser.language=en", "-Duser.timezone=UTC", "-XX:hashCode=5"),
            "1");
    Process there =
        start(
            "there.json",
            List.of(
                "-Duser.language=ar",
                "-Duser.country=EG",
                "-Duser.timezone=Asia/Kathmandu",
                "-XX:hashCode=3"),
            "1");
    Map<String, String> first = digests(here, "here.json");
    assertEquals(first, digests(there, "there.json"));
    Process other = start("other.json", List.of(), "2");
    Map<String, String> second = digests(other, "other.json");
    assertTrue(first.size() >= 8, first.toString());
    first.forEach((name, digest) -> assertNotEquals(digest, second.get(name), name));
  }

  private Process start(String output, List<String> jvm, String seed) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UnlockExperimentalVMOptions"));
    command.addAll(jvm);
    command.addAll(List.of(Main.class.getName(), "compare", "--limit", "1500", "--seeds", "1"));
    command.addAll(List.of("--seed", seed, "--format", "json"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    return builder
        .redirectOutput(folder.resolve(output).toFile())
        .redirectError(folder.resolve(output + ".err").toFile())
        .start();
  }

  private Map<String, String> digests(Process process, String output) throws Exception {
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the JVM took more than " + SECONDS + " s");
    }
    assertEquals(0, process.exitValue(), () -> read(output + ".err"));
    Map<String, String> digests = new TreeMap<>();
    for (Object row : new JsonObject(read(output)).getJsonArray("rows")) {
      JsonObject object = (JsonObject) row;
      digests.put(object.getString("combination"), object.getString("digest"));
    }
    return digests;
  }

  private String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
