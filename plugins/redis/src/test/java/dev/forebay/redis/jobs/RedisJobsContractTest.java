package dev.forebay.redis.jobs;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.JobStoreContract;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import dev.forebay.redis.Servers;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The contract on a real Redis. */
class RedisJobsContractTest implements JobStoreContract {

  private static final String VIRTUAL =
      "it needs a network: there is none in virtual time; the store memory is held to it";
  private static final Duration PATIENT = Duration.ofSeconds(20);
  private static final AtomicLong SEEDS = new AtomicLong(1);

  private static @Nullable RedisProcess redis;

  private final Vertx vertx = Vertx.vertx();

  @BeforeAll
  static void start() throws IOException {
    redis = RedisProcess.start("maxmemory 64mb", "maxmemory-policy noeviction");
  }

  @AfterAll
  static void stop() throws IOException {
    if (redis != null) {
      redis.close();
    }
  }

  @AfterEach
  void closeVertx() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public Plugin<JobStore> plugin() {
    String url = redis == null ? "redis://127.0.0.1:6379" : redis.url();
    return RedisJobs.at(url)
        .withPrefix(Servers.prefix())
        .withTimeout(PATIENT)
        .withSocketTimeout(PATIENT);
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
    return exempt;
  }
}
