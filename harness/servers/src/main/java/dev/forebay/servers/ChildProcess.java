package dev.forebay.servers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that this one started, and that can be killed or stand still. It ends with this JVM at
 * the latest.
 */
public final class ChildProcess {

  private static final int PATIENCE_SECONDS = 10;

  private final String name;
  private final Process process;

  private ChildProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    Temporary.process(process);
  }

  /**
   * Starts a program.
   *
   * @param log takes what it writes, after what is there already
   */
  public static ChildProcess start(List<String> command, Path log) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new ChildProcess(command.get(0), process);
  }

  /**
   * Starts a JVM like this one, with its class path.
   *
   * @param options of the JVM, such as {@code -Xmx256m}
   */
  public static ChildProcess java(
      List<String> options, Class<?> main, List<String> arguments, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return start(command, log);
  }

  /** Whether it runs, or stands still. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it (SIGKILL), and waits until it is gone. */
  public void kill() {
    end(true);
  }

  /** Asks it to end (SIGTERM), and waits until it is gone, for 10 s at most; then kills it. */
  public void terminate() {
    end(false);
  }

  private void end(boolean kill) {
    try {
      if (!kill) {
        process.destroy();
        process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      process.destroyForcibly();
      process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      Temporary.ended(process);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets it stand still (SIGSTOP): its connections stay, nothing is answered. */
  public void pause() throws IOException {
    signal("STOP");
  }

  /** Lets it go on (SIGCONT). */
  public void resume() throws IOException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException {
    Process sent = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
    try {
      if (!sent.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || sent.exitValue() != 0) {
        throw new IOException("kill -" + signal + " " + process.pid() + ": failed (" + name + ")");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
