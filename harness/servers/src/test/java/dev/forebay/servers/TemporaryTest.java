package dev.forebay.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TemporaryTest {

  /** A program that starts another, which writes into its folder for ever, and ends. */
  static final class Forgetful {

    private Forgetful() {}

    public static void main(String[] arguments) throws IOException {
      Path folder = Temporary.folder("forebay-forgotten");
      Path file = folder.resolve("file");
      String write = "while true; do date >> " + file + "; done";
      Process writer = new ProcessBuilder("sh", "-c", write).start();
      Temporary.process(writer);
      Waiting.until(Duration.ofSeconds(30), () -> Files.exists(file));
      System.out.println(folder);
      System.out.println(writer.pid());
    }
  }

  @TempDir private Path own;

  @Test
  void aJvmThatEndsLeavesNeitherProcessesNorFolders() throws IOException {
    Path log = own.resolve("log");
    ChildProcess ending = ChildProcess.java(List.of(), Forgetful.class, List.of(), log);
    Waiting.until(Duration.ofSeconds(60), () -> !ending.isAlive());
    List<String> said = Files.readAllLines(log);
    assertEquals(2, said.size(), said::toString);
    assertFalse(Files.exists(Path.of(said.get(0))));
    assertTrue(ProcessHandle.of(Long.parseLong(said.get(1))).isEmpty());
  }

  @Test
  void aFolderIsRemovedWithAllThatIsInIt() throws IOException {
    Path folder = Temporary.folder("forebay-removed");
    Files.writeString(Files.createDirectory(folder.resolve("inner")).resolve("file"), "text");
    Temporary.delete(folder);
    assertFalse(Files.exists(folder));
  }
}
