package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Answers;
import dev.forebay.conformance.Requests;
import dev.forebay.servers.RedisCluster;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.ResponseCache;
import java.io.IOException;
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
    return patient(Redis.cluster(cluster.urls().subList(0, 1))).plugin();
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
      stage.await(() -> cache.put(Requests.key(key), Answers.of("answer " + key, 1)));
    }
    long sum = 0;
    for (RedisProcess node : cluster.nodes()) {
      long keys = Long.parseLong(node.command("DBSIZE"));
      assertTrue(keys > answers / 6, keys + " keys on one of " + MASTERS + " nodes");
      sum += keys;
    }
    assertEquals(answers, sum);
  }
}
