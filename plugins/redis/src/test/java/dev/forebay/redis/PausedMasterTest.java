package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.caching.lru.Lru;
import dev.forebay.caching.tiered.Tiered;
import dev.forebay.conformance.Answers;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Requests;
import dev.forebay.servers.RedisCluster;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A master of a Cluster stands still: its connections stay, and nothing is answered on them. */
class PausedMasterTest {

  private static final int MASTERS = 3;
  private static final int ANSWERS = 60;
  private static final String PREFIX = "p";

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx, 1);
  private RedisCluster cluster;

  /** The others go on answering while one master is lost: without that setting they refuse. */
  @BeforeEach
  void start() throws IOException {
    cluster =
        RedisCluster.startWithReplicas(
            MASTERS,
            "maxmemory 16mb",
            "maxmemory-policy volatile-ttl",
            "cluster-require-full-coverage no");
  }

  @AfterEach
  void stop() throws IOException {
    vertx.close().toCompletionStage().toCompletableFuture().join();
    cluster.close();
  }

  /** Of all nodes, the gateway is told of the one that is paused, and of another one. */
  private Redis options() {
    return Redis.cluster(cluster.urls().subList(0, 2))
        .withPrefix(PREFIX)
        .withTimeout(Duration.ofSeconds(1))
        .withSocketTimeout(Duration.ofSeconds(5))
        .withFailures(2)
        .withPause(Duration.ofMillis(200));
  }

  private static CachedAnswer answer(int key) {
    return Answers.of("answer " + key, 1);
  }

  private static boolean isPaused(int key) {
    String name = PREFIX + ":" + AnswerFormat.VERSION + ":" + Requests.key(key);
    return Slots.of(name) < Slots.COUNT / MASTERS;
  }

  private static List<Integer> keys(boolean ofThePaused) {
    return IntStream.range(0, ANSWERS).filter(key -> isPaused(key) == ofThePaused).boxed().toList();
  }

  @Test
  void hitsOfOtherSlotsGoOnAndThoseOfThePausedReturnAfterTheFailover() throws IOException {
    ResponseCache cache = options().create(stage.context());
    putAll(cache);
    RedisProcess paused = cluster.nodes().get(0);
    RedisProcess heir = cluster.nodes().get(MASTERS);
    List<Integer> others = keys(false);
    List<Integer> lost = keys(true);

    paused.pause();
    long began = System.nanoTime();
    lost.forEach(
        key ->
            stage.await(() -> cache.get(Requests.key(key), Requests.any()))); // opens the circuit
    assertTrue(stage.count("circuit_opened") > 0, () -> stage.counts().toString());
    EventLoopStage lateStage = new EventLoopStage(vertx, 2);
    ResponseCache late = options().create(lateStage.context());
    int rounds = 0;
    do {
      for (int key : others) {
        assertEquals(
            answer(key), stage.await(() -> cache.get(Requests.key(key), Requests.any())).result());
      }
      rounds++;
    } while (!heir.command("ROLE").startsWith("master"));
    long failedOver = System.nanoTime();
    lateStage.until("hits of a gateway that started meanwhile", () -> allHit(late, others));

    stage.until("hits of all slots", () -> allHit(cache, lost));
    long returned = System.nanoTime();
    assertTrue(
        stage
            .await(() -> cache.put(Requests.key(lost.get(0)), Requests.any(), answer(0)))
            .succeeded());
    System.out.printf(
        "PausedMasterTest: %d of %d answers at the paused master; %d rounds of hits of the others"
            + " until the failover after %d ms; hits of its slots %d ms later; %s%n",
        lost.size(),
        ANSWERS,
        rounds,
        (failedOver - began) / 1_000_000,
        (returned - failedOver) / 1_000_000,
        stage.counts());

    paused.resume();
    stage.until("hits of all slots still", () -> allHit(cache, others));
  }

  /** The first node that a subscription would choose is the paused one. */
  @Test
  void aSubscriptionIsMadeAtAnotherNode() throws IOException {
    cluster.nodes().get(0).pause();
    Redis quick =
        options().withTimeout(Duration.ofSeconds(1)).withSocketTimeout(Duration.ofMillis(500));
    EventLoopStage other = new EventLoopStage(vertx, 2);
    ResponseCache first = quick.create(stage.context());
    ResponseCache second = Tiered.of(Lru.entries(64), quick).create(other.context());
    other.until("listening", () -> Future.succeededFuture(other.count("local_emptied") > 0));
    int key = keys(false).get(0);
    stage.until(
        "put",
        () ->
            first
                .put(Requests.key(key), Requests.any(), answer(key))
                .map(done -> true)
                .otherwise(false));
    other.until(
        "a hit",
        () ->
            second
                .get(Requests.key(key), Requests.any())
                .map(answer(key)::equals)
                .otherwise(false));
    stage.until(
        "forgotten", () -> first.invalidate(Requests.key(key)).map(done -> true).otherwise(false));
    other.until(
        "gone",
        () ->
            second
                .get(Requests.key(key), Requests.any())
                .map(found -> found == null)
                .otherwise(false));
  }

  private void putAll(ResponseCache cache) throws IOException {
    for (int i = 0; i < ANSWERS; i++) {
      int key = i;
      assertTrue(
          stage.await(() -> cache.put(Requests.key(key), Requests.any(), answer(key))).succeeded());
    }
    for (int i = 0; i < MASTERS; i++) {
      RedisProcess replica = cluster.nodes().get(MASTERS + i);
      String keys = cluster.nodes().get(i).command("DBSIZE");
      stage.until("copied", () -> Future.succeededFuture(size(replica).equals(keys)));
    }
  }

  private static String size(RedisProcess server) {
    try {
      return server.command("DBSIZE");
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Future<Boolean> allHit(ResponseCache cache, List<Integer> keys) {
    return Future.all(
            keys.stream().map(key -> cache.get(Requests.key(key), Requests.any())).toList())
        .map(
            found ->
                IntStream.range(0, keys.size())
                    .allMatch(i -> answer(keys.get(i)).equals(found.resultAt(i))))
        .otherwise(false);
  }
}
