package dev.forebay.kafka;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.JobQueueContract;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.jobs.JobQueue;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** The contract on a real Kafka. */
class KafkaContractTest implements JobQueueContract {

  private static final String VIRTUAL =
      "it needs a network: there is none in virtual time; the queue memory is held to it";
  private static final AtomicLong SEEDS = new AtomicLong(1);

  private final Vertx vertx = Vertx.vertx();
  private final Kafka options = SharedBroker.options();

  @AfterEach
  void closeVertx() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public Plugin<JobQueue> plugin() {
    return options;
  }

  @Override
  public JobQueue beside(JobQueue one, Stage stage) {
    return options.create(stage.context());
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(vertx, SEEDS.incrementAndGet());
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new LinkedHashMap<>();
    List.of("P8", "P9", "P10", "P11", "P12").forEach(rule -> exempt.put(rule, VIRTUAL));
    exempt.put(
        "W9", "it can tell only of those that it has read: the partitions come in any order");
    return exempt;
  }
}
