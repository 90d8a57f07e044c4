package dev.forebay.examples.worthkeeping;

import dev.forebay.caching.lru.Lru;
import dev.forebay.conformance.ResponseCacheContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ResponseCache;

class WorthKeepingContractTest implements ResponseCacheContract {
  @Override
  public Plugin<ResponseCache> plugin() {
    return new WorthKeeping(Lru.entries(1024), 0);
  }
}
