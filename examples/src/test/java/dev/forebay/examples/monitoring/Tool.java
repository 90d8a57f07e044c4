package dev.forebay.examples.monitoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A program that some machines have: tests that need it are skipped on others. */
final class Tool {

  private final Path path;

  private Tool(Path path) {
    this.path = path;
  }

  /** An end of a program. */
  record Ended(int code, String output) {}

  /** The program of this name; skips the test if there is none. */
  static Tool orSkip(String name) {
    String folders = Objects.requireNonNullElse(System.getenv("PATH"), "");
    List<Path> found =
        Arrays.stream(folders.split(File.pathSeparator))
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .toList();
    assumeTrue(!found.isEmpty(), name + " is not installed (in Debian: the package prometheus)");
    return new Tool(found.getFirst());
  }

  /** Runs it to its end, with some text as its input. */
  Ended run(String input, String... arguments) throws IOException, InterruptedException {
    Process process = builder(arguments).start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), output);
  }

  /** The program with some arguments, not yet started; its errors go where its output goes. */
  ProcessBuilder builder(String... arguments) {
    List<String> command = Stream.concat(Stream.of(path + ""), Arrays.stream(arguments)).toList();
    return new ProcessBuilder(command).redirectErrorStream(true);
  }
}
