package dev.forebay.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A role of the load benchmarks as a process of its own; gone when this is closed. */
final class Child implements AutoCloseable {

  private final Process process;
  private final BufferedReader said;
  private final int port;

  private Child(Process process) {
    this.process = process;
    this.said = process.inputReader(StandardCharsets.UTF_8);
    this.port = (int) number("port");
  }

  /**
   * Starts a role.
   *
   * @param heapMegabytes its largest heap
   * @param role and its arguments
   */
  static Child start(int heapMegabytes, String... role) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.add("-Xmx" + heapMegabytes + "m");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(extra());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Benchmarks.class.getName());
    command.add("role");
    command.addAll(List.of(role));
    try {
      return new Child(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Further options of the JVMs of roles, such as those of a profiler. */
  private static List<String> extra() {
    String options = System.getProperty("forebay.role.options", "");
    return options.isBlank() ? List.of() : List.of(options.trim().split("\\s+"));
  }

  /** The port of its administration, if the role has one; once. */
  int administrationPort() {
    return (int) number("administration");
  }

  int port() {
    return port;
  }

  /** Seconds of processor time so far. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  /** Bytes of memory that the operating system gives it; 0 where that is not told. */
  long residentBytes() {
    Path status = Path.of("/proc/" + process.pid() + "/status");
    try {
      for (String line : Files.exists(status) ? Files.readAllLines(status) : List.<String>of()) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes of its heap in use, after a full collection. */
  long heapBytes() {
    try {
      process.outputWriter(StandardCharsets.UTF_8).append('\n').flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return number("heap");
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private long number(String name) {
    try {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.startsWith(name + " ")) {
          return Long.parseLong(line.substring(name.length() + 1));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("a role ended before it said its " + name);
  }
}
