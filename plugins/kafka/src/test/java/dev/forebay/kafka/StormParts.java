package dev.forebay.kafka;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.redis.jobs.RedisJobs;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Store and queue of one process in the storm, on one timeline. */
final class StormParts {

  static final Duration LEASE = Duration.ofSeconds(3);
  static final Duration GRACE = Duration.ofSeconds(6);
  static final long RETRY_MILLIS = 500;
  static final int TRIES = 4;
  private static final long AGAIN_NANOS = 200_000_000;

  final Vertx vertx = Vertx.vertx();
  final Timeline timeline;
  final JobStore store;
  final JobQueue queue;

  /** Parts of a process. */
  StormParts(String redis, String kafka, String prefix, long seed) {
    EventLoopStage stage = new EventLoopStage(vertx, seed);
    this.timeline = stage.requestTimeline();
    this.store =
        RedisJobs.at(redis)
            .withPrefix(prefix)
            .withTimeout(Duration.ofSeconds(10))
            .withSocketTimeout(Duration.ofSeconds(10))
            .create(stage.context());
    this.queue = options(kafka, prefix).create(stage.context());
  }

  static Kafka options(String kafka, String prefix) {
    return Kafka.at(Brokers.at(kafka).withTimeout(Duration.ofSeconds(10)))
        .withPrefix(prefix)
        .withPartitions(4)
        .withLevels(2)
        .withDelays(List.of(Duration.ofMillis(500), Duration.ofSeconds(3)))
        .withSession(Duration.ofSeconds(3));
  }

  /** Asks again until it is done: each step is safe to be asked for again. */
  <V> Future<V> insist(Supplier<Future<V>> step) {
    Promise<V> done = Promise.promise();
    attempt(step, done);
    return done.future();
  }

  private <V> void attempt(Supplier<Future<V>> step, Promise<V> done) {
    step.get()
        .onComplete(
            result -> {
              if (result.succeeded()) {
                done.complete(result.result());
              } else {
                timeline.after(AGAIN_NANOS, () -> attempt(step, done));
              }
            });
  }

  /** Runs a step on the timeline, and waits for it. */
  <V> V await(Supplier<Future<V>> step) {
    Promise<V> done = Promise.promise();
    timeline.execute(() -> insist(step).onComplete(done));
    return done.future().toCompletionStage().toCompletableFuture().join();
  }
}
