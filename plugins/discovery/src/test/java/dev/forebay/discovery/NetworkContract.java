package dev.forebay.discovery;

import dev.forebay.conformance.EndpointSourceContract;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;

/** Sources that need a network, or files. */
abstract class NetworkContract implements EndpointSourceContract {

  final Vertx vertx = Vertx.vertx();

  static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  @AfterEach
  void closeVertx() {
    done(vertx.close());
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new TreeMap<>();
    for (String rule : List.of("P8", "P9", "P10", "P11", "P12")) {
      exempt.put(rule, "it needs what is outside: there is none in virtual time");
    }
    return exempt;
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(vertx, 1);
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }
}
