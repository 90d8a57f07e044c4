package dev.forebay.replay.rules;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The program that comes with Prometheus and evaluates rules. */
final class Promtool {

  private static final String MISSING =
      "--rules: promtool is not installed (expected: it comes with Prometheus, in Debian and Ubuntu"
          + " as `apt install prometheus`; FOREBAY_PROMTOOL may name it)";

  private final Path program;

  private Promtool(Path program) {
    this.program = program;
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

  Answer run(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = program.toString();
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Answer(process.waitFor(), output);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--rules: " + program + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalArgumentException("--rules: interrupted", e);
    }
  }
}
