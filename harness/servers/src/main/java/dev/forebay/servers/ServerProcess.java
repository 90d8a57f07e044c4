package dev.forebay.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server as a process of its own, with a folder for its data, that can be killed, stand still,
 * and be started again. It ends with this JVM at the latest.
 */
final class ServerProcess implements AutoCloseable {

  private final String name;
  private final Path folder;
  private @Nullable ChildProcess process;

  /**
   * A server that does not run yet.
   *
   * @param name for messages
   * @param folder with its data and its log; removed by {@link #close}
   */
  ServerProcess(String name, Path folder) {
    this.name = name;
    this.folder = folder;
  }

  /** Whether a server answers; throws while it does not. */
  @FunctionalInterface
  interface Probe {
    /** Asks it. */
    boolean answers() throws IOException;
  }

  Path folder() {
    return folder;
  }

  /**
   * Starts it, again if it ran, and waits until it answers.
   *
   * @throws IOException if it ends, or does not answer in time
   */
  synchronized void start(List<String> command, Duration within, Probe probe) throws IOException {
    kill();
    Path log = folder.resolve("log");
    ChildProcess started = ChildProcess.start(command, log);
    process = started;
    try {
      Waiting.until(
          within,
          () -> {
            if (!started.isAlive()) {
              throw new IllegalStateException(name + " ended: " + Files.readString(log));
            }
            return probe.answers();
          });
    } catch (IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Kills it (SIGKILL). */
  synchronized void kill() {
    ChildProcess running = process;
    process = null;
    if (running != null) {
      running.kill();
    }
  }

  /** Lets it stand still (SIGSTOP): its connections stay, nothing is answered. */
  synchronized void pause() throws IOException {
    running().pause();
  }

  /** Lets it go on (SIGCONT). */
  synchronized void resume() throws IOException {
    running().resume();
  }

  private ChildProcess running() throws IOException {
    ChildProcess running = process;
    if (running == null) {
      throw new IOException(name + ": not running");
    }
    return running;
  }

  /** Kills it, and removes its folder. */
  @Override
  public void close() throws IOException {
    kill();
    Temporary.delete(folder);
  }
}
