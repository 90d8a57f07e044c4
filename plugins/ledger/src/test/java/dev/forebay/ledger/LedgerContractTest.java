package dev.forebay.ledger;

import dev.forebay.conformance.PluginContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.RequestWatcher;
import dev.forebay.spi.host.Section;
import java.util.Map;

class LedgerContractTest implements PluginContract<Section> {

  @Override
  public Plugin<Section> plugin() {
    return Ledger.in(MemoryLedger.defaults());
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(RequestWatcher.Watchers.class, watcher -> {});
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("P11", "a section is asked nothing; OutboxTest has its bounds");
  }
}
