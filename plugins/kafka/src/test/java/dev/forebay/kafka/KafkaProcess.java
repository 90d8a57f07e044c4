package dev.forebay.kafka;

import dev.forebay.servers.ChildProcess;
import dev.forebay.servers.Ports;
import dev.forebay.servers.Temporary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka of one broker as a process of its own: it can be killed, and started again on the same
 * port with what it had on disk.
 */
final class KafkaProcess implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 60_000;

  private final int port;
  private final int controller;
  private final Path folder;
  private @Nullable ChildProcess process;

  private KafkaProcess(int port, int controller, Path folder) {
    this.port = port;
    this.controller = controller;
    this.folder = folder;
  }

  /** Starts a broker, and waits until it answers. */
  static KafkaProcess start() throws IOException {
    KafkaProcess broker =
        new KafkaProcess(Ports.free(), Ports.free(), Temporary.folder("forebay-kafka"));
    broker.restart();
    return broker;
  }

  /** Its address: {@code 127.0.0.1:PORT}. */
  String servers() {
    return "127.0.0.1:" + port;
  }

  /** Starts it without waiting for it. */
  void begin() throws IOException {
    kill();
    process =
        ChildProcess.java(
            List.of(
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
            Broker.class,
            List.of(
                Integer.toString(port),
                Integer.toString(controller),
                folder.resolve("data").toString()),
            folder.resolve("log"));
  }

  /** Starts it again, and waits until it answers. */
  void restart() throws IOException {
    begin();
    Map<String, Object> properties =
        Map.of("bootstrap.servers", servers(), "default.api.timeout.ms", PATIENCE_MILLIS);
    try (Admin admin = Admin.create(properties)) {
      KafkaFuture<Collection<Node>> nodes = admin.describeCluster().nodes();
      while (!answered(nodes)) {
        if (process == null || !process.isAlive()) {
          throw new IOException("the broker ended: " + Files.readString(folder.resolve("log")));
        }
      }
    } catch (ExecutionException e) {
      throw new IOException("the broker: " + Files.readString(folder.resolve("log")), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static boolean answered(KafkaFuture<Collection<Node>> nodes)
      throws ExecutionException, InterruptedException {
    try {
      return !nodes.get(1, TimeUnit.SECONDS).isEmpty();
    } catch (TimeoutException e) {
      return false;
    }
  }

  /** Kills it (SIGKILL). */
  void kill() {
    ChildProcess running = process;
    process = null;
    if (running != null) {
      running.kill();
    }
  }

  @Override
  public void close() throws IOException {
    kill();
    Temporary.delete(folder);
  }
}
