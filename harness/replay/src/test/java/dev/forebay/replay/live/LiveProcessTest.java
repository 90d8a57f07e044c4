package dev.forebay.replay.live;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveProcessTest {

  @TempDir private Path folder;

  private LiveProcess forebay(String... arguments) {
    List<String> program = new ArrayList<>(List.of("dev.forebay.replay.cli.Main"));
    program.addAll(List.of(arguments));
    return LiveProcess.java(
        "gateway", folder, System.getProperty("java.class.path", ""), 64, program);
  }

  /** Of a gateway that died, and not of the connection to it that was refused. */
  @Test
  void oneThatEndedInTheMiddleIsNamedWithItsCodeAndWhatItSaid() {
    try (LiveProcess process = forebay("nonsense")) {
      assertThrows(IllegalStateException.class, () -> process.untilEnd(Duration.ofMinutes(1)));
      String message =
          String.valueOf(assertThrows(IllegalStateException.class, process::running).getMessage());
      assertTrue(
          message.startsWith(
              "gateway: ended with exit code 2, in the middle: forebay: command: nonsense"),
          message);
    }
  }

  @Test
  void oneThatRunsIsNotComplainedOf() {
    try (LiveProcess process = forebay("emulate", "--port", "0")) {
      assertTrue(process.line("forebay: ").contains("http://"));
      process.running();
    }
  }
}
