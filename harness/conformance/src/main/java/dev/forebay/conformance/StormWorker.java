package dev.forebay.conformance;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A worker of a {@link JobStorm} in a JVM of its own: what {@code forebay worker} does. */
final class StormWorker {

  private static final int STOP_SECONDS = 9;

  private StormWorker() {}

  static GatewayDocument document(String yaml) {
    Registry registry =
        Registry.load(StormWorker.class.getClassLoader())
            .with(StormBackend.class)
            .with(StormStore.class);
    return GatewayDocument.read(Node.parse("storm.yaml", yaml, name -> null), registry);
  }

  public static void main(String[] args) throws Exception {
    Vertx vertx = Vertx.vertx();
    GatewayDocument document = document(Files.readString(Path.of(args[0])));
    GatewayServer server =
        GatewayServer.work(vertx, document, GatewayServer.host(vertx))
            .toCompletionStage()
            .toCompletableFuture()
            .get();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () ->
                    server
                        .close()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .orTimeout(STOP_SECONDS, TimeUnit.SECONDS)
                        .exceptionally(late -> null)
                        .join()));
    Thread.currentThread().join();
  }
}
