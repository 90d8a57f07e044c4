package dev.forebay.replay.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PromtoolTest {

  @TempDir private Path folder;

  private Path script(String lines) throws IOException {
    Path file = Files.writeString(folder.resolve("promtool"), "#!/bin/sh\n" + lines + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void itsCodeAndAllThatItSaysAreTold() throws IOException {
    Promtool promtool =
        new Promtool(script("echo \"$1\"; echo wrong >&2; exit 3"), Duration.ofSeconds(30));
    assertEquals(new Promtool.Answer(3, "check\nwrong\n"), promtool.run("check"));
  }

  @Test
  void oneThatDoesNotEndIsGivenUp() throws IOException {
    Promtool promtool = new Promtool(script("exec sleep 600"), Duration.ofMillis(200));
    IllegalArgumentException late =
        assertThrows(IllegalArgumentException.class, () -> promtool.run("check"));
    assertTrue(
        String.valueOf(late.getMessage()).endsWith("no end within 200 ms (expected: it ends)"));
  }
}
