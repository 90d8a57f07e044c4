package dev.forebay.net;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that runs as a child process, on a free port of the loopback address. Its output goes to
 * the log. No child outlives the process that started it, by more than five seconds if that is
 * killed ({@link ChildWatch}). Calls block.
 */
public final class ChildServer {

  /** The address that it is to listen on. */
  public static final String HOST = "127.0.0.1";

  private static final Logger LOG = LoggerFactory.getLogger(ChildServer.class);
  private static final int MAX_LINE = 1000;
  private static final long HEALTH_TIMEOUT_MILLIS = 5_000;

  private final Process process;
  private final int port;
  private final Thread hook;
  private final Promise<Integer> exit = Promise.promise();
  private volatile String lastLine = "";

  private ChildServer(Process process, int port) {
    this.process = process;
    this.port = port;
    this.hook = new Thread(process::destroyForcibly, "child-server-stop");
    try {
      Runtime.getRuntime().addShutdownHook(hook); // no child outlives the gateway
    } catch (IllegalStateException e) { // which ends already
      process.destroyForcibly();
      throw e;
    }
  }

  /**
   * Starts a server on a free port.
   *
   * @param id what its lines in the log begin with
   * @param program and its arguments; {@code {host}} and {@code {port}} stand for its address
   * @param environment variables beside those of this process
   * @throws IOException if the program cannot be run
   */
  public static ChildServer start(String id, List<String> program, Map<String, String> environment)
      throws IOException {
    int port = freePort();
    List<String> command =
        program.stream()
            .map(word -> word.replace("{port}", "" + port).replace("{host}", HOST))
            .toList();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    ChildServer child = new ChildServer(builder.start(), port);
    ChildWatch.begun(child.pid());
    Thread reader = new Thread(() -> child.read(id), "child-server-log");
    reader.setDaemon(true);
    reader.start();
    return child;
  }

  /** The root of its URLs. */
  public String url() {
    return "http://" + HOST + ":" + port;
  }

  /** The address it listens on. */
  public int port() {
    return port;
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** CPU time that it has used, in nanoseconds; -1 if the system does not say. */
  public long cpuNanos() {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(-1L);
  }

  /**
   * What is wrong with it, with the last line of its output that was not blank, if there is one.
   */
  public String explained(String what) {
    return lastLine.isEmpty() ? what : what + "; the last line of its output: " + lastLine;
  }

  /**
   * Asks how it is.
   *
   * @param client asks
   * @param path of its health
   * @return the status of the answer, such as {@code 200}, or {@code no answer}; never fails
   */
  public Future<String> health(HttpClient client, String path) {
    return client
        .request(HttpMethod.GET, port, HOST, path)
        .compose(request -> request.idleTimeout(HEALTH_TIMEOUT_MILLIS).send())
        .compose(response -> response.body().map(body -> "" + response.statusCode()))
        .otherwise("no answer");
  }

  /** Completes with the exit code, on a thread of its own. */
  public Future<Integer> exit() {
    return exit.future();
  }

  /** Asks it to end, and kills it if it does not within a time. */
  public void stop(Duration grace) {
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
          said(id, line);
          line.setLength(0);
        } else if (line.length() < MAX_LINE && c >= ' ') {
          line.append((char) c);
        }
      }
      said(id, line);
    } catch (IOException e) {
      LOG.debug("{}: its output broke off", id, e);
    }
    int code = -1;
    try {
      code = process.waitFor();
      ChildWatch.ended(pid());
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      LOG.debug("{}: ended with the gateway", id, e);
    }
    exit.tryComplete(code);
  }

  private void said(String id, StringBuilder line) {
    if (!line.isEmpty()) {
      LOG.info("{}: {}", id, line);
      lastLine = line.toString().isBlank() ? lastLine : line.toString();
    }
  }

  /** Free a moment ago; a start that loses it to another fails, and is tried again elsewhere. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
