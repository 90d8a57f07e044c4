package dev.forebay.conformance;

import dev.forebay.core.limiting.DeadLetters;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import java.util.List;

/** Keeps letters in a store that has no room. */
class DeadLettersContractTest implements StageContract {
  @Override
  public Plugin<Filter> plugin() {
    return DeadLetters.in(
        NamedPlugin.of(DeadLetterStore.class, "nothing", context -> new Nothing()));
  }

  private static final class Nothing implements DeadLetterStore {
    @Override
    public Future<Void> keep(DeadLetter letter) {
      return Future.succeededFuture();
    }

    @Override
    public Future<List<DeadLetter>> newest(int most) {
      return Future.succeededFuture(List.of());
    }

    @Override
    public Future<Boolean> drop(String id) {
      return Future.succeededFuture(false);
    }
  }
}
