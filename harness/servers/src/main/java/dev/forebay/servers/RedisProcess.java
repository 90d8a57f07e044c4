package dev.forebay.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A Redis as a process of its own, on a free port of the loopback interface, that keeps nothing on
 * disk unless its settings name {@code appendonly}. It ends with this JVM at the latest.
 */
public final class RedisProcess implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(20);

  private final int port;
  private final List<String> arguments;
  private final ServerProcess server;

  private RedisProcess(int port, Path folder, List<String> arguments) {
    this.port = port;
    this.arguments = arguments;
    this.server = new ServerProcess("redis-server", folder);
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
    return new RedisProcess(Ports.free(), Temporary.folder("forebay-redis"), arguments).restart();
  }

  /** Starts a sentinel with the lines of its configuration. */
  static RedisProcess sentinel(List<String> lines) throws IOException {
    Path folder = Temporary.folder("forebay-sentinel");
    Path file = Files.write(folder.resolve("sentinel.conf"), lines);
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
  public RedisProcess restart() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(RedisBinary.path().toString());
    command.addAll(arguments);
    command.addAll(
        List.of(
            "--port",
            Integer.toString(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            server.folder().toString()));
    if (!arguments.contains("--sentinel") && !arguments.contains("--appendonly")) {
      command.addAll(List.of("--save", "", "--appendonly", "no"));
    }
    server.start(command, START, () -> command("PING").equals("PONG"));
    return this;
  }

  /** Kills it (SIGKILL). */
  public void kill() {
    server.kill();
  }

  /** Lets it stand still (SIGSTOP): its connections stay, nothing is answered. */
  public void pause() throws IOException {
    server.pause();
  }

  /** Lets it go on (SIGCONT). */
  public void resume() throws IOException {
    server.resume();
  }

  /** Kills it, and removes its folder. */
  @Override
  public void close() throws IOException {
    server.close();
  }
}
