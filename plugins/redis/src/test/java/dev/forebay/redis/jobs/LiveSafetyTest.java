package dev.forebay.redis.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What a store of jobs says of a real Redis that may forget them. */
class LiveSafetyTest {

  @Test
  void aServerThatMayEvictJobsIsRefusedUntilItMayNot() throws IOException {
    Vertx vertx = Vertx.vertx();
    try (RedisProcess redis = RedisProcess.start("maxmemory-policy allkeys-lru")) {
      EventLoopStage stage = new EventLoopStage(vertx, 1);
      JobStore store = RedisJobs.at(redis.url()).create(stage.context());
      Future<Void> refused = stage.await(store::ready);
      assertEquals(
          "maxmemory-policy: allkeys-lru (expected: noeviction, since the server may evict jobs)",
          refused.cause().getMessage());
      assertEquals(0, stage.count("server_warnings"));
      redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
      assertTrue(stage.await(store::ready).succeeded());
      assertEquals(1, stage.count("server_warnings"), "it has no appendonly");
      assertTrue(stage.await(store::close).succeeded());
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
