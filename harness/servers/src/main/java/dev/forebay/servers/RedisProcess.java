package dev.forebay.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Redis as a process of its own, on a free port of the loopback interface, that keeps nothing on
 * disk unless its settings name {@code appendonly}. It ends with this JVM at the latest.
 */
public final class RedisProcess implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(20);

  private final int port;
  private final Path folder;
  private final List<String> arguments;
  private @Nullable ChildProcess process;

  private RedisProcess(int port, Path folder, List<String> arguments) {
    this.port = port;
    this.folder = folder;
    this.arguments = arguments;
  }

  /**
   * Starts a server, and waits until it answers.
   *
   * @param settings as in its configuration, such as {@code maxmemory 64mb}
   * @throws IOException where it does not start
   */
  public static RedisProcess start(String... settings) throws IOException {
    List<String> arguments = new ArrayList<>();
    for (String setting : settings) {
      int space = setting.indexOf(' ');
      arguments.add("--" + setting.substring(0, space));
      arguments.add(setting.substring(space + 1));
    }
    return new RedisProcess(Ports.free(), Files.createTempDirectory("forebay-redis"), arguments)
        .restart();
  }

  /** Starts a sentinel with the lines of its configuration. */
  static RedisProcess sentinel(List<String> lines) throws IOException {
    Path folder = Files.createTempDirectory("forebay-sentinel");
    Path file = Files.write(folder.resolve("sentinel.conf"), lines);
    file.toFile().deleteOnExit();
    return new RedisProcess(Ports.free(), folder, List.of(file.toString(), "--sentinel")).restart();
  }

  /** Its port. */
  public int port() {
    return port;
  }

  /** Its address: {@code redis://127.0.0.1:PORT}. */
  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  /**
   * Sends it a command over a connection of its own.
   *
   * @return the reply; of several parts, one in a line
   */
  public String command(String... parts) throws IOException {
    return Resp.send(port, List.of(parts));
  }

  /** Starts it again, on the same port, with what it kept on disk, and waits until it answers. */
  public synchronized RedisProcess restart() throws IOException {
    end();
    List<String> command = new ArrayList<>();
    command.add(RedisBinary.path().toString());
    command.addAll(arguments);
    command.addAll(
        List.of(
            "--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", folder.toString()));
    if (!arguments.contains("--sentinel") && !arguments.contains("--appendonly")) {
      command.addAll(List.of("--save", "", "--appendonly", "no"));
    }
    Path log = folder.resolve("log");
    process = ChildProcess.start(command, log);
    awaitAnswer(log);
    return this;
  }

  private void awaitAnswer(Path log) throws IOException {
    ChildProcess started = process;
    try {
      Waiting.until(
          START,
          () -> {
            if (started == null || !started.isAlive()) {
              throw new IllegalStateException("redis-server ended: " + Files.readString(log));
            }
            return command("PING").equals("PONG");
          });
    } catch (IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Kills it (SIGKILL). */
  public void kill() {
    end();
  }

  /** Lets it stand still (SIGSTOP): its connections stay, nothing is answered. */
  public synchronized void pause() throws IOException {
    running().pause();
  }

  /** Lets it go on (SIGCONT). */
  public synchronized void resume() throws IOException {
    running().resume();
  }

  private ChildProcess running() throws IOException {
    ChildProcess running = process;
    if (running == null) {
      throw new IOException("redis-server: not running");
    }
    return running;
  }

  private synchronized void end() {
    ChildProcess running = process;
    process = null;
    if (running != null) {
      running.kill();
    }
  }

  /** Kills it, and removes its folder. */
  @Override
  public void close() throws IOException {
    end();
    Waiting.delete(folder);
  }
}
