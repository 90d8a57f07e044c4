package dev.forebay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ChildServerTest {

  @TempDir Path folder = Path.of("");

  /** A process that starts two children, of which the first ends, and waits. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] pipe) throws IOException, InterruptedException {
      ChildServer first = ChildServer.start("first", List.of("sh", "-c", "exit 3"), Map.of());
      first.exit().toCompletionStage().toCompletableFuture().join();
      ChildServer.start("second", List.of("sh", "-c", "exec sleep 600 > " + pipe[0]), Map.of());
      System.out.println("started");
      Thread.currentThread().join();
    }
  }

  @Test
  void noChildOutlivesAProcessThatIsKilled() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh");
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                pipe.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (InputStream child = Files.newInputStream(pipe)) {
      assertEquals("started", parent.inputReader().readLine());
      parent.destroyForcibly().waitFor(); // as by kill -9: its shutdown hooks do not run
      assertEquals(-1, child.read(), "the child has closed its end of the pipe");
    }
  }

  @Test
  void itsExitCodeIsTold() throws IOException {
    ChildServer child = ChildServer.start("child", List.of("sh", "-c", "exit 3"), Map.of());
    assertEquals(3, child.exit().toCompletionStage().toCompletableFuture().join());
  }
}
