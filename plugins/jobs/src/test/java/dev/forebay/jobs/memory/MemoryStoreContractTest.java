package dev.forebay.jobs.memory;

import dev.forebay.conformance.JobStoreContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.jobs.JobStore;

class MemoryStoreContractTest implements JobStoreContract {
  @Override
  public Plugin<JobStore> plugin() {
    return MemoryStore.create();
  }
}
