package dev.forebay.conformance;

import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.HeaderNames;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.Service;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The contract of a built-in stage, which is lent what the stages of a gateway share. */
interface StageContract extends FilterContract {

  /** Pools of any name, each of which answers. */
  Pools ANSWERING =
      new Pools() {
        @Override
        public List<String> names() {
          return List.of();
        }

        @Override
        public Service service(String pool) {
          return new ScriptedRest(ScriptedRest.Script.ANSWERS);
        }

        @Override
        public List<Endpoint> endpoints(String pool) {
          return List.of();
        }

        @Override
        public int serving(String pool) {
          return 1;
        }

        @Override
        public Future<Boolean> drain(String pool, String endpoint, boolean begin) {
          return Future.succeededFuture(false);
        }

        @Override
        public Optional<ScalingTarget> target(String pool) {
          return Optional.empty();
        }
      };

  @Override
  default TestContext lend(TestContext context) {
    return context
        .lend(RetryBudget.class, new RetryBudget(Options.defaults(RetryBudget.Options.class)))
        .lend(HeaderNames.class, Set::of)
        .lend(PluginErrors.class, new PluginErrors(context.timeline()))
        .lend(Pools.class, ANSWERING)
        .lend(Prices.class, Prices.NONE);
  }

  @Override
  default int memoryBound() {
    return 1_000;
  }
}
