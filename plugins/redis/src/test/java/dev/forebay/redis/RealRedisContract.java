package dev.forebay.redis;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.ResponseCacheContract;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** The contract on a real Redis: on an event loop; what needs virtual time, the twin is held to. */
abstract class RealRedisContract implements ResponseCacheContract {

  private static final String VIRTUAL =
      "it needs a network: there is none in virtual time; RedisTwinTest checks it on the twin";

  final Vertx vertx = Vertx.vertx();
  final EventLoopStage stage = new EventLoopStage(vertx, 1);

  @AfterEach
  void closeVertx() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  /** Patient, so that a busy machine fails no rule, and uncompressed, so that K7 can count. */
  static Redis patient(Redis options) {
    return options
        .withPrefix(Servers.prefix())
        .withTimeout(Duration.ofSeconds(5))
        .withSocketTimeout(Duration.ofSeconds(20))
        .withMaxValue(4 << 20)
        .withCompressOver(1L << 40);
  }

  @Override
  public Stage stage() {
    return stage;
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new LinkedHashMap<>();
    List.of("P8", "P9", "P10", "P11", "P12").forEach(rule -> exempt.put(rule, VIRTUAL));
    return exempt;
  }
}
