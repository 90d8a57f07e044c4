package dev.forebay.conformance;

import dev.forebay.core.retrying.Hedge;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import java.time.Duration;

/** Makes a second call for each request. */
class HedgeContractTest implements StageContract {
  @Override
  public Plugin<Filter> plugin() {
    return Options.defaults(Hedge.class)
        .withDelay(Duration.ofMillis(2))
        .withMaxShare(1)
        .withMaxCostShare(1);
  }
}
