package dev.forebay.examples.modeluse;

import dev.forebay.conformance.FilterContract;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;

class ModelUseContractTest implements FilterContract {
  @Override
  public Plugin<Filter> plugin() {
    return new ModelUse(20);
  }
}
