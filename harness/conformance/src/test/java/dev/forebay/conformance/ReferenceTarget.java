package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Keeps a number, unless what it asks is broken. */
class ReferenceTarget implements ScalingTarget {

  int kept;
  private final BooleanSupplier broken;

  ReferenceTarget(BooleanSupplier broken) {
    this.broken = broken;
  }

  static Plugin<ScalingTarget> plugin(Function<PluginContext, ScalingTarget> maker) {
    return NamedPlugin.of(ScalingTarget.class, "broken", maker);
  }

  @Override
  public Future<Observed> observe() {
    return broken.getAsBoolean()
        ? Future.failedFuture("no answer")
        : Future.succeededFuture(new Observed(kept, List.of()));
  }

  @Override
  public Future<Void> scale(int replicas, List<String> leaving) {
    if (broken.getAsBoolean()) {
      return Future.failedFuture("no answer");
    }
    kept = keeps(replicas);
    return Future.succeededFuture();
  }

  int keeps(int replicas) {
    return replicas;
  }
}
