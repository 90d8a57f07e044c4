package dev.forebay.jobs.memory;

import dev.forebay.conformance.JobQueueContract;
import dev.forebay.conformance.Stage;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.jobs.JobQueue;

class MemoryQueueContractTest implements JobQueueContract {
  @Override
  public Plugin<JobQueue> plugin() {
    return MemoryQueue.create();
  }

  @Override
  public JobQueue beside(JobQueue one, Stage stage) {
    return ((MemoryJobQueue) one).beside();
  }
}
