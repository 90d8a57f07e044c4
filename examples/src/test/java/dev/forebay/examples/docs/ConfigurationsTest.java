package dev.forebay.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.gateway.Gateway;
import dev.forebay.gguf.RandomLlama;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.options.Plugins;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateways that examples describe can be made. */
class ConfigurationsTest {

  private static final List<String> SCENARIOS =
      List.of("cheapest-first.yaml", "no-faults.yaml", "resumed.yaml");

  @TempDir Path folder = Path.of("");

  @Test
  void everyScenarioOfTheExamplesIsRight() {
    Registry registry = Registry.load(ConfigurationsTest.class.getClassLoader());
    for (String name : SCENARIOS) {
      String file = QuotesTest.ROOT.resolve("examples").resolve(name).toString();
      assertFalse(
          ScenarioReader.read(file, registry, variable -> null).combinations().isEmpty(), name);
    }
  }

  @Test
  void everyConfigurationOfTheExamplesIsRight() throws IOException {
    Registry registry = Registry.load(ConfigurationsTest.class.getClassLoader());
    List<Path> files;
    try (Stream<Path> found = Files.list(QuotesTest.ROOT.resolve("examples"))) {
      files =
          found
              .filter(file -> file.toString().endsWith(".yaml"))
              .filter(file -> !file.endsWith("emulator.yaml")) // the profile of an upstream
              .filter(file -> !SCENARIOS.contains(String.valueOf(file.getFileName())))
              .sorted()
              .toList();
    }
    assertFalse(files.isEmpty());
    Path model = folder.resolve("tiny.gguf");
    RandomLlama.tiny().write(model, 1); // its head is read; it is not loaded
    for (String file : List.of("server.pem", "server.key", "clients.pem")) {
      Files.writeString(folder.resolve(file), "looked for, but not read: nothing listens");
    }
    Vertx vertx = Vertx.vertx();
    try {
      for (Path file : files) {
        GatewayDocument document =
            GatewayDocument.read(
                file,
                registry,
                name ->
                    switch (name) {
                      case "MODEL" -> model.toString();
                      case "TLS" -> folder.toString();
                      default ->
                          name.endsWith("KEY") || name.startsWith("KEY") ? "secret-" + name : null;
                    });
        boolean discovered =
            document.blueprint().allPools().values().stream()
                .anyMatch(pool -> pool.discover() != null);
        Gateway gateway = GatewayServer.gateway(document, GatewayServer.host(vertx));
        assertTrue(discovered || !gateway.backends().isEmpty(), file.toString());
        gateway.close().toCompletionStage().toCompletableFuture().join();
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  @Test
  void codeAndYamlDescribeTheSameStages() throws IOException {
    Registry registry = Registry.load(ConfigurationsTest.class.getClassLoader());
    GatewayDocument document =
        GatewayDocument.read(
            QuotesTest.ROOT.resolve("examples/first-gateway.yaml"), registry, name -> null);
    assertEquals(
        List.of("deadline", "rate-limit", "cache", "resume", "retry", "hedge", "admit"),
        document.blueprint().stages().stream().map(Plugins::name).toList());
  }
}
