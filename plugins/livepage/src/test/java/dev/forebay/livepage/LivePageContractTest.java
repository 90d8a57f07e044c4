package dev.forebay.livepage;

import dev.forebay.conformance.PluginContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.state.StateReader;

class LivePageContractTest implements PluginContract<Section> {

  @Override
  public Plugin<Section> plugin() {
    return LivePage.defaults();
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(StateReader.class, () -> States.gateway(0, 0));
  }
}
