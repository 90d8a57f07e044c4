package dev.forebay.llama;

import dev.forebay.conformance.BackendContract;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Stage;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** The rules of backends, on a model of random weights. */
@Timeout(60)
class LlamaContractTest implements BackendContract {

  private static final String THREADS = "native threads compute: there is no virtual time";

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(vertx, 1);
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new LinkedHashMap<>();
    List.of("P8", "P9", "P10", "P11", "P12").forEach(rule -> exempt.put(rule, THREADS));
    exempt.put("N11", "its objects reach the whole of Vert.x; LlamaBackendTest has a slow reader");
    return exempt;
  }

  @Override
  public Plugin<Backend> plugin() {
    return Llama.of("local", TinyModel.path()).withSlots(4).withContext(1024).withQueue(300);
  }
}
