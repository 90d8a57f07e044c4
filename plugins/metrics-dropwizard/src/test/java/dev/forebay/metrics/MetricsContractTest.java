package dev.forebay.metrics;

import dev.forebay.conformance.PluginContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Options;

/** In virtual time, as in a replay: with a network it is tested in {@code examples}. */
class MetricsContractTest implements PluginContract<Section> {

  @Override
  public Plugin<Section> plugin() {
    return Options.defaults(Metrics.class);
  }
}
