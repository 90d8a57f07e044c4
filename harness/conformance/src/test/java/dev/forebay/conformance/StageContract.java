package dev.forebay.conformance;

import dev.forebay.core.ExtraWork;
import dev.forebay.core.HeaderNames;
import dev.forebay.core.PluginErrors;
import dev.forebay.core.Pools;
import dev.forebay.core.Prices;
import dev.forebay.spi.options.Options;
import java.util.Set;

/** The contract of a built-in stage, which is lent what the stages of a gateway share. */
interface StageContract extends FilterContract {

  @Override
  default TestContext lend(TestContext context) {
    return context
        .lend(ExtraWork.class, new ExtraWork(Options.defaults(ExtraWork.Options.class)))
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
