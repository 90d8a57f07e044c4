package dev.forebay.scaling;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.ComingCapacity;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.spi.state.StateReader;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * The autoscalers of all pools that the section names, and what they decided, at {@code /scaling}.
 */
final class Autoscaler implements Section {

  private final List<PoolScaler> scalers = new ArrayList<>();

  Autoscaler(Scaling options, PluginContext context) {
    Pools pools = lent(Pools.class, context);
    ScalingMetrics metrics = new ScalingMetrics(context, options.pools().size());
    for (Scaling.Scaled scaled : options.pools()) {
      if (!pools.names().contains(scaled.pool())) {
        throw new IllegalArgumentException(
            "pool: "
                + scaled.pool()
                + " (expected: "
                + Names.oneOf(pools.names(), scaled.pool())
                + ")");
      }
      scalers.add(
          new PoolScaler(
              scaled,
              options.interval().toNanos(),
              context.create(scaled.by()),
              target(scaled, pools, context),
              new PoolView(
                  scaled, lent(StateReader.class, context), lent(ComingCapacity.class, context)),
              pools,
              context.timeline(),
              metrics.of(scaled.pool())));
    }
    context
        .resource(HttpRoutes.class)
        .ifPresent(
            routes ->
                routes.add(
                    HttpRoutes.Listener.ADMINISTRATION,
                    HttpRoute.get("/scaling", request -> Future.succeededFuture(decisions()))));
  }

  private static ScalingTarget target(Scaling.Scaled scaled, Pools pools, PluginContext context) {
    return scaled.target() != null
        ? context.create(scaled.target())
        : pools
            .target(scaled.pool())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "target: missing (expected: a target, since the source of the pool "
                            + scaled.pool()
                            + " starts no members)"));
  }

  private static <T> T lent(Class<T> type, PluginContext context) {
    return context
        .resource(type)
        .orElseThrow(() -> new IllegalArgumentException("scaling: there is no gateway here"));
  }

  private RouteAnswer decisions() {
    JsonObject all = new JsonObject();
    scalers.forEach(scaler -> all.put(scaler.pool(), scaler.decisions()));
    return RouteAnswer.json(200, all.toBuffer());
  }

  @Override
  public void prepare() {
    scalers.forEach(PoolScaler::start);
  }

  @Override
  public Future<Void> close() {
    scalers.forEach(PoolScaler::close);
    return Future.succeededFuture();
  }
}
