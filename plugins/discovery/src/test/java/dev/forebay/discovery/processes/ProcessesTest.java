package dev.forebay.discovery.processes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.conformance.PluginContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.EndpointSource;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Its options; that it starts and stops servers is shown with a gateway: ProcessesServedTest. */
class ProcessesTest implements PluginContract<EndpointSource> {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public Plugin<EndpointSource> plugin() {
    return Processes.of(List.of("server", "--port", "{port}")).withInitial(0);
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new TreeMap<>();
    for (String rule : List.of("P8", "P9", "P10", "P11", "P12")) {
      exempt.put(rule, "it needs processes: there are none in virtual time");
    }
    return exempt;
  }

  @Test
  void aCommandWithoutAPortIsRefused() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Processes.of(List.of("server")));
    assertEquals(
        "command: no {port} (expected: {port} in the place of its port)", refused.getMessage());
  }
}
