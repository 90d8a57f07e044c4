package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Answers;
import dev.forebay.conformance.Requests;
import dev.forebay.servers.RedisSentinels;
import dev.forebay.spi.CachedAnswer;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.ResponseCache;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract on a master with a replica and three sentinels, and a failover under load. */
class SentinelContractTest extends RealRedisContract {

  private static final int MEBIBYTES = 32;

  private static RedisSentinels sentinels;

  @BeforeAll
  static void start() throws IOException {
    sentinels =
        RedisSentinels.start(
            Duration.ofMillis(500),
            "maxmemory " + MEBIBYTES + "mb",
            "maxmemory-policy volatile-ttl");
  }

  @AfterAll
  static void stop() throws IOException {
    sentinels.close();
  }

  private static Redis.Options options() {
    return Redis.sentinel(RedisSentinels.MASTER, sentinels.urls());
  }

  @Override
  public Plugin<ResponseCache> plugin() {
    return patient(options()).plugin();
  }

  @Override
  public long memoryBoundBytes() {
    return (long) MEBIBYTES << 20;
  }

  /** Lookups go on through the failover, each within the bound, and hits return. */
  @Test
  void aFailoverUnderLoadCostsHitsOnly() throws IOException {
    int before = sentinels.masterPort();
    Redis.Options quick =
        options()
            .prefix(Servers.prefix())
            .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(5))
            .circuit(5, Duration.ofMillis(100));
    ResponseCache cache = quick.plugin().create(stage.context());
    CachedAnswer answer = Answers.of("the answer", 1);
    stage.await(() -> cache.put(Requests.key(1), answer));
    assertEquals(answer, stage.await(() -> cache.get(Requests.key(1))).result());

    sentinels.servers().stream().filter(server -> server.port() == before).forEach(s -> s.kill());
    stage.until("a hit after the failover", () -> putAndGet(cache, answer));

    assertNotEquals(before, sentinels.masterPort());
    assertTrue(stage.count("circuit-opened") > 0, () -> stage.counts().toString());
  }

  private static Future<Boolean> putAndGet(ResponseCache cache, CachedAnswer answer) {
    return cache
        .put(Requests.key(1), answer)
        .compose(stored -> cache.get(Requests.key(1)))
        .map(answer::equals)
        .otherwise(false);
  }
}
