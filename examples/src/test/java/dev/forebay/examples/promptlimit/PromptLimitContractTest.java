package dev.forebay.examples.promptlimit;

// tag::contract[]
import dev.forebay.conformance.FilterContract;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;

class PromptLimitContractTest implements FilterContract {
  @Override
  public Plugin<Filter> plugin() {
    return new PromptLimit(8_000);
  }
}
// end::contract[]
