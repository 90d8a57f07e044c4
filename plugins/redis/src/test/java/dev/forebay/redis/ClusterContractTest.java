package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Answers;
import dev.forebay.conformance.Requests;
import dev.forebay.servers.RedisCluster;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract on a Cluster of three masters. */
class ClusterContractTest extends RealRedisContract {

  private static final int MASTERS = 3;
  private static final int EACH_MEBIBYTES = 16;

  private static RedisCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    cluster =
        RedisCluster.start(
            MASTERS, "maxmemory " + EACH_MEBIBYTES + "mb", "maxmemory-policy volatile-ttl");
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
  }

  @Override
  public Plugin<ResponseCache> plugin() {
    return patient(Redis.cluster(cluster.urls().subList(0, 1)));
  }

  @Override
  public long memoryBoundBytes() {
    return ((long) MASTERS * EACH_MEBIBYTES) << 20;
  }

  @Test
  void keysSpreadOverTheNodes() throws IOException {
    for (RedisProcess node : cluster.nodes()) {
      node.command("FLUSHALL");
    }
    ResponseCache cache = plugin().create(stage.context());
    int answers = 300;
    for (int i = 0; i < answers; i++) {
      int key = i;
      stage.await(
          () -> cache.put(Requests.key(key), Requests.any(), Answers.of("answer " + key, 1)));
    }
    long sum = 0;
    for (RedisProcess node : cluster.nodes()) {
      long keys = Long.parseLong(node.command("DBSIZE"));
      assertTrue(keys > answers / 6, keys + " keys on one of " + MASTERS + " nodes");
      sum += keys;
    }
    assertEquals(answers, sum);
  }

  /** A slot that is on its way (ASK), and one that has moved (MOVED). */
  @Test
  void aSlotThatMovesIsFollowed() throws IOException {
    String prefix = Servers.prefix();
    ResponseCache cache =
        patient(Redis.cluster(cluster.urls().subList(0, 1)))
            .withPrefix(prefix)
            .create(stage.context());
    RedisProcess from = cluster.nodes().get(0);
    RedisProcess to = cluster.nodes().get(1);
    PromptKey key =
        IntStream.range(0, 1_000)
            .mapToObj(Requests::key)
            .filter(each -> slot(prefix, each) < Slots.COUNT / MASTERS)
            .findFirst()
            .orElseThrow();
    CachedAnswer answer = Answers.of("the answer", 1);
    assertTrue(stage.await(() -> cache.put(key, Requests.any(), answer)).succeeded());
    String slot = Integer.toString(slot(prefix, key));
    String fromId = from.command("CLUSTER", "MYID");
    String toId = to.command("CLUSTER", "MYID");

    to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
    from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
    from.command(
        "MIGRATE", "127.0.0.1", Integer.toString(to.port()), name(prefix, key), "0", "5000");
    assertEquals(answer, stage.await(() -> cache.get(key, Requests.any())).result(), "ASK");

    to.command("CLUSTER", "SETSLOT", slot, "NODE", toId);
    from.command("CLUSTER", "SETSLOT", slot, "NODE", toId);
    assertEquals(answer, stage.await(() -> cache.get(key, Requests.any())).result(), "MOVED");
    assertTrue(stage.await(() -> cache.invalidate(key)).succeeded());
    assertEquals(0, stage.count("failures", "error"), () -> stage.counts().toString());
  }

  private static String name(String prefix, PromptKey key) {
    return prefix + ":" + AnswerFormat.VERSION + ":" + key;
  }

  private static int slot(String prefix, PromptKey key) {
    return Slots.of(name(prefix, key));
  }
}
