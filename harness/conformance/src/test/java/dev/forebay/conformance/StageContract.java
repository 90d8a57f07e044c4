package dev.forebay.conformance;

import dev.forebay.core.balancing.Pools;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.HeaderNames;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.options.Options;
import java.util.Set;

/** The contract of a built-in stage, which is lent what the stages of a gateway share. */
interface StageContract extends FilterContract {

  @Override
  default TestContext lend(TestContext context) {
    return context
        .lend(RetryBudget.class, new RetryBudget(Options.defaults(RetryBudget.Options.class)))
        .lend(HeaderNames.class, Set::of)
        .lend(PluginErrors.class, new PluginErrors())
        .lend(Pools.class, name -> new ScriptedRest(ScriptedRest.Script.ANSWERS))
        .lend(Prices.class, Prices.NONE);
  }

  @Override
  default int memoryBound() {
    return 1_000;
  }
}
