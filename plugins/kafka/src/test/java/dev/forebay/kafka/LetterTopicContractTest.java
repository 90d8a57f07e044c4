package dev.forebay.kafka;

import dev.forebay.conformance.PluginContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** What holds for all plugins; letters are tested in {@link KafkaQueueTest}. */
class LetterTopicContractTest implements PluginContract<DeadLetterStore> {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void closeVertx() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public Plugin<DeadLetterStore> plugin() {
    return LetterTopic.at(Brokers.defaults(), "letters");
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new LinkedHashMap<>();
    List.of("P8", "P9", "P10", "P11", "P12")
        .forEach(rule -> exempt.put(rule, "it needs a network: there is none in virtual time"));
    return exempt;
  }
}
