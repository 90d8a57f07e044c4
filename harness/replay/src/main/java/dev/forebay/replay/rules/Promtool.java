package dev.forebay.replay.rules;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The program that comes with Prometheus and evaluates rules. */
final class Promtool {

  private static final String MISSING =
      "--rules: promtool is not installed (expected: it comes with Prometheus, in Debian and Ubuntu"
          + " as `apt install prometheus`; FOREBAY_PROMTOOL may name it)";

  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final Path program;
  private final Duration timeout;

  private Promtool(Path program) {
    this(program, TIMEOUT);
  }

  /** A program that is given up after a time. */
  Promtool(Path program, Duration timeout) {
    this.program = program;
    this.timeout = timeout;
  }

  /**
   * The one that is installed.
   *
   * @param environment variables by name
   * @throws IllegalArgumentException if there is none: the message says what to install
   */
  static Promtool find(Function<String, @Nullable String> environment) {
    String given = environment.apply("FOREBAY_PROMTOOL");
    String folders = Objects.requireNonNullElse(environment.apply("PATH"), "");
    return Arrays.stream(folders.split(File.pathSeparator))
        .map(folder -> given != null ? Path.of(given) : Path.of(folder, "promtool"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Promtool::new)
        .orElseThrow(() -> new IllegalArgumentException(MISSING));
  }

  /** What it answered. */
  record Answer(int code, String output) {}

  /**
   * Runs it.
   *
   * @throws IllegalArgumentException if it cannot be run, or does not end in time
   */
  Answer run(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = program.toString();
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      Path output = Files.createTempFile("forebay-promtool", ".txt");
      try {
        return new Answer(code(command, output), Files.readString(output));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--rules: " + program + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalArgumentException("--rules: interrupted", e);
    }
  }

  private int code(String[] command, Path output) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalArgumentException(
            "--rules: %s: no end within %d ms (expected: it ends)"
                .formatted(program, timeout.toMillis()));
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
