package dev.forebay.kafka;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.JobStorm;
import dev.forebay.redis.jobs.RedisJobs;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The storm in short, over a real Redis and a real Kafka, which are killed, too. The long one:
 * {@code -Dforebay.storm.jobs=2000 -Dforebay.storm.seed=7}; the seed is in what it prints.
 */
class KillStormTest {

  private static final long SEED = Long.getLong("forebay.storm.seed", 1);
  private static final int JOBS = Integer.getInteger("forebay.storm.jobs", 60);
  private static final String PREFIX = "storm-" + SEED;

  private static void restart(RedisProcess redis) throws IOException {
    redis.kill();
    redis.restart();
  }

  @Test
  void everyJobEndsOnceWhateverIsKilled() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (RedisProcess redis =
            RedisProcess.start(
                "appendonly yes",
                "appendfsync always",
                "save 3600 1",
                "maxmemory-policy noeviction");
        KafkaProcess kafka = KafkaProcess.start()) {
      EventLoopStage stage = new EventLoopStage(vertx, SEED);
      Map<String, JobStorm.Blow> blows = new LinkedHashMap<>();
      blows.put("kill the broker", kafka::begin);
      blows.put("kill Redis", () -> restart(redis));
      JobStorm.Setting setting =
          new JobStorm.Setting(
              "{ plugin: redis, servers: [\"%s\"], prefix: %s, timeout: 10s, socket-timeout: 10s }"
                  .formatted(redis.url(), PREFIX),
              ("{ plugin: kafka, brokers: { servers: [\"%s\"], timeout: 10s }, prefix: %s,"
                      + " partitions: 4, levels: 2, delays: [500ms, 3s], session: 3s }")
                  .formatted(kafka.servers(), PREFIX),
              () ->
                  RedisJobs.at(redis.url())
                      .withPrefix(PREFIX)
                      .withTimeout(Duration.ofSeconds(10))
                      .withSocketTimeout(Duration.ofSeconds(10))
                      .create(stage.context()),
              () -> queue(kafka).create(stage.context()),
              blows,
              () -> letters(kafka, stage));
      try (JobStorm storm = new JobStorm(setting, vertx, stage.requestTimeline(), SEED, JOBS)) {
        System.out.println("storm, seed " + SEED + ": " + storm.run());
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static Kafka queue(KafkaProcess kafka) {
    return Kafka.at(Brokers.at(kafka.servers()).withTimeout(Duration.ofSeconds(10)))
        .withPrefix(PREFIX)
        .withPartitions(4)
        .withLevels(2)
        .withDelays(List.of(Duration.ofMillis(500), Duration.ofSeconds(3)))
        .withSession(Duration.ofSeconds(3));
  }

  private static Set<String> letters(KafkaProcess kafka, EventLoopStage stage) {
    DeadLetterStore store =
        LetterTopic.at(Brokers.at(kafka.servers()), PREFIX + ".dead").create(stage.context());
    return stage.await(() -> store.newest(JOBS)).result().stream()
        .map(DeadLetter::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
