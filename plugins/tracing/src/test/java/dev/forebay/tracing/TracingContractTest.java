package dev.forebay.tracing;

import dev.forebay.conformance.PluginContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.Section;

/** In virtual time, as in a replay: with a network it is tested in {@code examples}. */
class TracingContractTest implements PluginContract<Section> {

  @Override
  public Plugin<Section> plugin() {
    return Tracing.defaults();
  }
}
