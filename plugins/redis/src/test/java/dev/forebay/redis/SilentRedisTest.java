package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A server that takes connections or commands and answers nothing more; one command, and no other.
 */
class SilentRedisTest {

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx, 1);

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @ParameterizedTest
  @CsvSource({
    "HELLO, SINGLE",
    "GET, SINGLE",
    "HELLO, SENTINEL",
    "SENTINEL, SENTINEL",
    "HELLO, CLUSTER",
    "CLUSTER, CLUSTER"
  })
  void noCommandWaitsForAnother(String silentAt, Redis.Topology topology) {
    LyingRedis server = new LyingRedis(vertx, silentAt, "");
    RedisStore store = store(server, topology);
    Future<?> answer = stage.await(() -> store.get("key"));
    assertTrue(
        answer.cause() instanceof RedisFailure failure && isSilence(failure),
        () -> answer.cause().toString());
    stage.until("its connections are closed", () -> Future.succeededFuture(server.allClosed()));
    assertTrue(stage.await(store::close).succeeded());
  }

  private static boolean isSilence(RedisFailure failure) {
    return failure.reason() == RedisFailure.Reason.GONE
        && String.valueOf(failure.getMessage()).contains("nothing was heard for 200 ms");
  }

  /** Nobody sends a command: the connection that is made at the start is given up all the same. */
  @Test
  void aConnectionThatNobodyUsesIsNotWaitedForEither() {
    LyingRedis server = new LyingRedis(vertx, "HELLO", "");
    store(server, Redis.Topology.SINGLE);
    stage.until("it was asked", () -> Future.succeededFuture(server.lies() > 0));
    stage.until("it is given up", () -> Future.succeededFuture(server.allClosed()));
  }

  /** Addresses that a node tells are a stranger's. */
  @ParameterizedTest
  @CsvSource({"a b", "x@y", "%", "'[::'", "''"})
  void aNodeWithoutAnAddressIsAFailureLikeOthers(String host) {
    String slots =
        "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$" + host.length() + "\r\n" + host + "\r\n:99999\r\n";
    LyingRedis server = new LyingRedis(vertx, "CLUSTER", slots);
    RedisStore store = store(server, Redis.Topology.CLUSTER);
    for (int i = 0; i < 3; i++) {
      assertTrue(stage.await(() -> store.get("key")).failed());
      stage.await(
          () -> {
            store.lookAgain();
            return store.ping("").otherwiseEmpty();
          });
    }
    assertTrue(stage.await(store::close).succeeded());
  }

  private RedisStore store(LyingRedis server, Redis.Topology topology) {
    Redis options =
        Redis.defaults()
            .withTopology(topology)
            .withServers(List.of(server.url()))
            .withSocketTimeout(Duration.ofMillis(200));
    return new VertxStore(options, vertx, stage.context().timeline(), "self");
  }
}
