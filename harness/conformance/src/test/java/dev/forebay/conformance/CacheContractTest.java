package dev.forebay.conformance;

import dev.forebay.core.caching.Cache;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;

/** Answers from a cache. */
class CacheContractTest implements StageContract {
  @Override
  public Plugin<Filter> plugin() {
    return Cache.in(ReferenceCache.plugin(ReferenceCache::new));
  }

  @Override
  public int memoryBound() {
    return 2_000;
  }
}
