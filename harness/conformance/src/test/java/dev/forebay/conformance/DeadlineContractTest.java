package dev.forebay.conformance;

import dev.forebay.core.retrying.Deadline;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import java.time.Duration;

/** Bounds the time to the first content and to the end. */
class DeadlineContractTest implements StageContract {
  @Override
  public Plugin<Filter> plugin() {
    return Options.defaults(Deadline.class).withFirstContent(Duration.ofSeconds(20));
  }
}
