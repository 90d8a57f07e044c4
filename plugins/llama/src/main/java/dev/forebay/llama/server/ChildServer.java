package dev.forebay.llama.server;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the server: a process, its port, and its output in the log. Calls block. */
final class ChildServer {

  static final String HOST = "127.0.0.1";

  private static final Logger LOG = LoggerFactory.getLogger(LlamaServerBackend.class);
  private static final int MAX_LINE = 1000;

  private final Process process;
  private final int port;
  private final Thread hook;
  private final Promise<Integer> exit = Promise.promise();

  private ChildServer(Process process, int port) {
    this.process = process;
    this.port = port;
    this.hook = new Thread(process::destroyForcibly, "llama-server-stop");
    Runtime.getRuntime().addShutdownHook(hook); // no child outlives the gateway
  }

  /**
   * Starts a server on a free port.
   *
   * @throws IOException where the program cannot be run
   */
  static ChildServer start(LlamaServer options) throws IOException {
    int port = freePort();
    List<String> command =
        options.command().stream()
            .map(word -> word.replace("{port}", "" + port).replace("{host}", HOST))
            .toList();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(options.environment());
    ChildServer child = new ChildServer(builder.start(), port);
    Thread reader = new Thread(() -> child.read(options.id()), "llama-server-log");
    reader.setDaemon(true);
    reader.start();
    return child;
  }

  String url() {
    return "http://" + HOST + ":" + port;
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Completes with the exit code, on a thread of its own. */
  Future<Integer> exit() {
    return exit.future();
  }

  /** Asks it to end, and kills it where it does not. */
  void stop(Duration grace) {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Its output, line by line, to its end; long lines are cut. */
  private void read(String id) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      StringBuilder line = new StringBuilder();
      for (int c = lines.read(); c >= 0; c = lines.read()) {
        if (c == '\n') {
          LOG.info("{}: {}", id, line);
          line.setLength(0);
        } else if (line.length() < MAX_LINE && c >= ' ') {
          line.append((char) c);
        }
      }
    } catch (IOException e) {
      LOG.debug("{}: its output broke off", id, e);
    }
    int code = -1;
    try {
      code = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      LOG.debug("{}: ended with the gateway", id, e);
    }
    exit.tryComplete(code);
  }

  /** Free a moment ago; a start that loses it to another fails, and is tried again elsewhere. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
