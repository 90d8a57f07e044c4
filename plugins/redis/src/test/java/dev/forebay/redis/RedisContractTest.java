package dev.forebay.redis;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ResponseCache;

/** The contract on a single node. */
class RedisContractTest extends RealRedisContract {

  @Override
  public Plugin<ResponseCache> plugin() {
    return patient(Redis.at(Servers.shared().url()));
  }

  @Override
  public long memoryBoundBytes() {
    return (long) Servers.MAX_MEMORY_MEBIBYTES << 20;
  }
}
