package dev.forebay.jobs;

import dev.forebay.conformance.PluginContract;
import dev.forebay.jobs.memory.MemoryQueue;
import dev.forebay.jobs.memory.MemoryStore;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.Section;

class JobsContractTest implements PluginContract<Section> {
  @Override
  public Plugin<Section> plugin() {
    return Jobs.in(MemoryStore.create(), MemoryQueue.create());
  }
}
