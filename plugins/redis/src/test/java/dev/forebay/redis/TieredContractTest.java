package dev.forebay.redis;

import dev.forebay.caching.lru.Lru;
import dev.forebay.caching.tiered.Tiered;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ResponseCache;

/** The contract for a local tier in front of a single node. */
class TieredContractTest extends RealRedisContract {

  private static final int LOCAL_MEBIBYTES = 4;

  @Override
  public Plugin<ResponseCache> plugin() {
    return Tiered.of(
        Lru.entries(1024)
            .withMaxBytes(LOCAL_MEBIBYTES << 20)
            .withMaxEntryBytes(LOCAL_MEBIBYTES << 20),
        patient(Redis.at(Servers.shared().url())));
  }

  @Override
  public long memoryBoundBytes() {
    return (long) (LOCAL_MEBIBYTES + Servers.MAX_MEMORY_MEBIBYTES) << 20;
  }
}
