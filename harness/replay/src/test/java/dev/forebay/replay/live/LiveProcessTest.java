package dev.forebay.replay.live;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveProcessTest {

  @TempDir private Path folder;

  /** Ends with a code, or says where it is and runs until its input ends. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws IOException {
      if (arguments.length > 0) {
        System.err.println("forebay: command: " + arguments[0]);
        System.exit(2);
      }
      System.out.println("forebay: http://localhost:1");
      while (System.in.read() >= 0) {
        // until the end
      }
    }
  }

  private LiveProcess program(String... arguments) {
    List<String> program = new ArrayList<>(List.of(Program.class.getName()));
    program.addAll(List.of(arguments));
    return LiveProcess.java(
        "gateway", folder, System.getProperty("java.class.path", ""), 64, program);
  }

  /** Of a gateway that died, and not of the connection to it that was refused. */
  @Test
  void oneThatEndedInTheMiddleIsNamedWithItsCodeAndWhatItSaid() {
    try (LiveProcess process = program("nonsense")) {
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
    try (LiveProcess process = program()) {
      assertTrue(process.line("forebay: ").contains("http://"));
      process.running();
    }
  }
}
