package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.RedisProcess;
import dev.forebay.servers.RedisSentinels;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract on a master with a replica and three sentinels, and a failover under load. */
class SentinelContractTest extends RealRedisContract {

  private static final int MEBIBYTES = 32;
  private static final int CALLERS = 16;
  private static final int LOOKUP_MILLIS = 100;
  private static final int WRITE_MILLIS = 2_000;

  /** The sentinels find out in 0.5 s, and elect; the rest is for a machine that others use, too. */
  private static final int HITS_RETURN_MILLIS = 25_000;

  /**
   * A machine that others use, too, may stand still for as long: without a bound it were longer.
   */
  private static final int SLACK_MILLIS = 10_000;

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

  private static Redis options() {
    return Redis.sentinel(RedisSentinels.MASTER, sentinels.urls());
  }

  @Override
  public Plugin<ResponseCache> plugin() {
    return patient(options());
  }

  @Override
  public long memoryBoundBytes() {
    return (long) MEBIBYTES << 20;
  }

  /**
   * 16 callers look up, and store every fifth time, while the master is killed: no lookup waits
   * longer than its bound, and hits return.
   */
  @Test
  void aFailoverUnderLoadCostsHitsOnly() throws IOException {
    failover("killed", sentinels, RedisProcess::kill);
    assertTrue(stage.count("failures", "gone") > 0, () -> stage.counts().toString());
  }

  /** Its connections stay and are silent: lookups end by their bound, and a probe finds out. */
  @Test
  void aFailoverFromAMasterThatStandsStillCostsHitsOnly() throws IOException {
    try (RedisSentinels own =
        RedisSentinels.start(
            Duration.ofMillis(500), "maxmemory 32mb", "maxmemory-policy volatile-ttl")) {
      failover("paused", own, RedisProcess::pause);
    }
    assertTrue(stage.count("failures", "timeout") > 0, () -> stage.counts().toString());
  }

  /** How a master is lost. */
  private interface Loss {
    void of(RedisProcess master) throws IOException;
  }

  private void failover(String how, RedisSentinels sentinels, Loss loss) throws IOException {
    int before = sentinels.masterPort();
    Redis quick =
        Redis.sentinel(RedisSentinels.MASTER, sentinels.urls())
            .withPrefix(Servers.prefix())
            .withTimeout(Duration.ofMillis(LOOKUP_MILLIS))
            .withSocketTimeout(Duration.ofMillis(WRITE_MILLIS))
            .withFailures(5)
            .withPause(Duration.ofMillis(100));
    StoreLoad load = new StoreLoad(stage, quick.create(stage.context()), CALLERS);
    load.start();
    stage.until("hits of all callers", load::allHit);
    long stored = load.lookups();

    load.forgetHits();
    long lost = System.nanoTime();
    for (RedisProcess server : sentinels.servers()) {
      if (server.port() == before) {
        loss.of(server);
      }
    }
    stage.until("a failure", () -> Future.succeededFuture(load.failures() > 0));
    load.forgetHits();
    stage.until("hits of all callers after the failover", load::allHit);
    long millis = (System.nanoTime() - lost) / 1_000_000;
    load.stop();

    System.out.printf(
        "SentinelContractTest: master %s under load: hits of all %d callers after %d ms; %s; %s%n",
        how, CALLERS, millis, load, stage.counts());
    stage.until(
        "the first sentinel, too, knows another master",
        () -> Future.succeededFuture(masterPort(sentinels) != before));
    assertTrue(millis < HITS_RETURN_MILLIS, millis + " ms");
    assertTrue(load.lookups() > stored);
    assertTrue(stage.count("circuit_opened") > 0, () -> stage.counts().toString());
    assertTrue(load.longestLookupMillis() < LOOKUP_MILLIS + SLACK_MILLIS, load::toString);
    assertTrue(load.longestWriteMillis() < WRITE_MILLIS + SLACK_MILLIS, load::toString);
    assertEquals(0, load.wrong(), load::toString);
  }

  private static int masterPort(RedisSentinels sentinels) {
    try {
      return sentinels.masterPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
