package dev.forebay.conformance;

import dev.forebay.core.retrying.Fallback;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;

/** Asks another pool. */
class FallbackContractTest implements StageContract {
  @Override
  public Plugin<Filter> plugin() {
    return Fallback.to("other", null);
  }
}
