package dev.forebay.livepage;

import dev.forebay.conformance.PluginContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.state.StateReader;
import java.util.Map;

class LivePageContractTest implements PluginContract<Section> {

  @Override
  public Plugin<Section> plugin() {
    return LivePage.defaults();
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(StateReader.class, () -> States.gateway(0, 0));
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "a section decides nothing about requests; the run of IncidentTest repeats";
    return Map.of("P8", reason, "P9", reason, "P10", reason, "P11", reason, "P12", reason);
  }
}
