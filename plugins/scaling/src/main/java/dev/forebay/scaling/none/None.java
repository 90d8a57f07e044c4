package dev.forebay.scaling.none;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;

/** Starts and stops nothing: what should be is in the metrics, for an autoscaler outside. */
@Doc("Starts and stops nothing: what should be is in the metrics, for an HPA or KEDA outside.")
public record None() implements Plugin<ScalingTarget> {

  @Override
  public ScalingTarget create(PluginContext context) {
    return new ScalingTarget() {
      @Override
      public Future<Observed> observe() {
        return Future.succeededFuture(new Observed(null, List.of()));
      }

      @Override
      public Future<Void> scale(int replicas, List<String> leaving) {
        return Future.succeededFuture();
      }

      @Override
      public boolean advisory() {
        return true;
      }
    };
  }
}
