package dev.forebay.examples.monitoring;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Gateways for tests, and the files beside them. */
final class Documents {

  static final Path FOLDER =
      Path.of(System.getProperty("forebay.root", "..")).resolve("examples/monitoring");

  private Documents() {}

  static GatewayDocument read(String yaml) {
    Registry registry = Registry.load(Documents.class.getClassLoader());
    return GatewayDocument.read(Node.parse("gateway.yaml", yaml, name -> null), registry);
  }

  static String file(String name) throws IOException {
    return Files.readString(FOLDER.resolve(name));
  }

  static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
