package dev.forebay.replay.live;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** A process of a live run. It ends with this one, however this one ends. */
final class LiveProcess implements AutoCloseable {

  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final int MOST_TOLD = 2_000;

  private final String name;
  private final Process process;
  private final Path errors;
  private final BufferedReader said;
  private final Thread hook;

  private LiveProcess(String name, Process process, Path errors) {
    this.name = name;
    this.process = process;
    this.errors = errors;
    this.said = process.inputReader(StandardCharsets.UTF_8);
    this.hook = new Thread(process::destroyForcibly, "forebay-end-" + name);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts a Java program with this one's java.
   *
   * @param name for messages, and of the file that holds what it says to standard error
   * @param folder of that file
   * @param classPath of the program
   * @param heapMegabytes its largest heap
   * @param program its main class and arguments
   */
  static LiveProcess java(
      String name, Path folder, String classPath, int heapMegabytes, List<String> program) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx" + heapMegabytes + "m",
                "--enable-native-access=ALL-UNNAMED"));
    command.addAll(program);
    Path errors = folder.resolve(name + ".err");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder.environment().put("CLASSPATH", classPath); // longer than an argument may be
      return new LiveProcess(name, builder.start(), errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The rest of the next line that begins with these words.
   *
   * @throws IllegalStateException if it ends before, or does not say it in time
   */
  String line(String beginning) {
    CompletableFuture<String> found = CompletableFuture.supplyAsync(() -> read(beginning));
    try {
      return found.get(START.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          name + ": no '" + beginning + "' within " + START.toSeconds() + " s" + errors());
    } catch (ExecutionException e) {
      throw new IllegalStateException(name + " ended without '" + beginning + "'" + errors(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private String read(String beginning) {
    try {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.startsWith(beginning)) {
          return line.substring(beginning.length());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("the end");
  }

  /** Says a line to its standard input. */
  void tell(String line) {
    try {
      process.outputWriter(StandardCharsets.UTF_8).append(line).append('\n').flush();
    } catch (IOException e) {
      running();
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Has it run until now?
   *
   * @throws IllegalStateException if it has ended
   */
  void running() {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          name + ": ended with exit code " + process.exitValue() + ", in the middle" + errors());
    }
  }

  /**
   * Waits for its end.
   *
   * @return all that it said to standard output from now on
   * @throws IllegalStateException if it fails, or does not end in time
   */
  String untilEnd(Duration most) {
    CompletableFuture<String> rest =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return said.lines().collect(Collectors.joining("\n"));
              } catch (UncheckedIOException e) {
                return ""; // it was ended
              }
            });
    try {
      if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            name + ": did not end within " + most.toSeconds() + " s" + errors());
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(name + ": exit code " + process.exitValue() + errors());
      }
      return rest.get(STOP.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(name + ": " + e, e);
    }
  }

  private String errors() {
    try {
      String text = Files.readString(errors).strip();
      return text.isEmpty()
          ? ""
          : ": " + text.substring(Math.max(0, text.length() - MOST_TOLD)).replaceAll("\\s+", " ");
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending, and the hook runs
    }
  }
}
