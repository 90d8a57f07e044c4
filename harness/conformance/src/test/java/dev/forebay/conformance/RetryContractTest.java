package dev.forebay.conformance;

import dev.forebay.core.retrying.Retry;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import java.time.Duration;

/** Tries three times, and bounds the time to first content. */
class RetryContractTest implements StageContract {
  @Override
  public Plugin<Filter> plugin() {
    return Retry.attempts(3).withFirstContent(Duration.ofSeconds(1));
  }
}
