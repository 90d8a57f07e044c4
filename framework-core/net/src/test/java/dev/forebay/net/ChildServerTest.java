package dev.forebay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

  /** A process that starts a child while it ends. */
  static final class Ending {
    private Ending() {}

    public static void main(String[] seconds) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> late(seconds[0])));
    }

    private static void late(String seconds) {
      try {
        ChildServer.start("late", List.of("sleep", seconds), Map.of());
      } catch (IOException | IllegalStateException e) {
        System.out.println("not started");
      }
    }
  }

  private static Process run(Class<?> main, String argument) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            argument)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void whatIsWrongWithAChildIsExplainedByTheLastLineOfItsOutput() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh");
    String script = "echo starting; echo no such model >&2; echo; exit 3";
    ChildServer child = ChildServer.start("child", List.of("sh", "-c", script), Map.of());
    assertEquals(3, child.exit().toCompletionStage().toCompletableFuture().join());
    assertEquals("ended; the last line of its output: no such model", child.explained("ended"));
    Vertx vertx = Vertx.vertx();
    try {
      Future<String> health = child.health(vertx.createHttpClient(), "/health");
      assertEquals("no answer", health.toCompletionStage().toCompletableFuture().join());
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
    ChildServer silent = ChildServer.start("silent", List.of("sh", "-c", "exit 0"), Map.of());
    assertEquals(0, silent.exit().toCompletionStage().toCompletableFuture().join());
    assertEquals("ended", silent.explained("ended"));
  }

  @Test
  void aChildThatIsStartedWhileTheProcessEndsEndsToo() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh");
    String seconds = "600." + ProcessHandle.current().pid();
    Process parent = run(Ending.class, seconds);
    assertEquals("not started", parent.inputReader().readLine());
    assertEquals(0, parent.waitFor());
    List<ProcessHandle> left =
        ProcessHandle.allProcesses()
            .filter(each -> each.info().commandLine().orElse("").endsWith("sleep " + seconds))
            .toList();
    try {
      for (ProcessHandle each : left) {
        each.onExit().get(10, TimeUnit.SECONDS);
      }
    } finally {
      left.forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void noChildOutlivesAProcessThatIsKilled() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh");
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Process parent = run(Parent.class, pipe.toString());
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
