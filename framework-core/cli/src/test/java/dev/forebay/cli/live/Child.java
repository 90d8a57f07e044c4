package dev.forebay.cli.live;

import dev.forebay.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command of Forebay in a process of its own. */
public final class Child implements AutoCloseable {
  private static final String CLIENT = "forebay.live";

  private final Process process;
  private final BufferedReader out;

  /** A command, with its standard error that of this process. */
  public Child(String... arguments) throws IOException {
    this(ProcessBuilder.Redirect.INHERIT, arguments);
  }

  /**
   * A command.
   *
   * @param errors where its standard error goes
   */
  public Child(ProcessBuilder.Redirect errors, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
    String client = System.getProperty(CLIENT);
    if (client != null) {
      command.add("-D" + CLIENT + "=" + client);
    }
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    process = builder.redirectError(errors).start();
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** The address at the end of its next line. */
  public String address() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IllegalStateException("the process ended");
    }
    return line.substring(line.lastIndexOf(' ') + 1);
  }

  /** The processes that it has started and that are alive. */
  List<ProcessHandle> children() {
    if (!process.isAlive()) {
      throw new IllegalStateException("the process ended");
    }
    return process.children().toList();
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the process does not die");
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    kill();
    out.close();
  }
}
