package dev.forebay.conformance;

import dev.forebay.core.limiting.Admit;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;

/** Lets requests on by a limit and a queue. */
class AdmitContractTest implements StageContract {
  @Override
  public Plugin<Filter> plugin() {
    return Admit.by(
        ReferenceLimiter.plugin(ReferenceLimiter::new), ReferenceQueue.plugin(ReferenceQueue::new));
  }
}
