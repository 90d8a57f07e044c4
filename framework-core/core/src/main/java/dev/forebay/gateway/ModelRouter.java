package dev.forebay.gateway;

import dev.forebay.core.cost.ModelField;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Sends a request to the pool of its model, by the rules first, under the name that they give. */
final class ModelRouter implements Service {

  private final List<Route> rules;
  private final Routes routes;
  private final BiPredicate<String, String> offers;
  private final Function<String, Service> pools;
  private final RandomGenerator random;
  private final Counter unknown;
  private final Counter renamed;

  /**
   * A router.
   *
   * @param offers whether a pool, the first, answers for a model, the second
   * @param pools the service of a pool
   */
  ModelRouter(
      List<Route> rules,
      Routes routes,
      BiPredicate<String, String> offers,
      Function<String, Service> pools,
      PluginContext context) {
    this.rules = rules;
    this.routes = routes;
    this.offers = offers;
    this.pools = pools;
    this.random = context.random();
    this.unknown = context.counter("unknown_model");
    this.renamed = context.counter("renamed");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    Route.Target target = target(request.info());
    String model =
        target == null || target.model() == null ? request.info().model() : target.model();
    String pool = target == null || target.pool() == null ? routes.poolOf(model) : target.pool();
    if (pool == null || (target == null && !offers.test(pool, model))) {
      unknown.increment();
      return Future.failedFuture(
          Failure.of(
              Status.CALLER_FAULT,
              404,
              "model_not_found",
              "The model `" + request.info().model() + "` does not exist"));
    }
    InferenceRequest routed = ModelField.rewrite(request, model);
    if (routed == null) {
      return Future.failedFuture(
          Failure.of(
              Status.CALLER_FAULT, 400, "model_field", "model: not to be found in the body"));
    }
    if (routed != request) {
      renamed.increment();
    }
    return pools.apply(pool).serve(routed);
  }

  private Route.@Nullable Target target(RequestInfo request) {
    for (Route rule : rules) {
      if (rule.fits(request)) {
        List<Route.Target> to = rule.to();
        return to.size() == 1 ? to.get(0) : byWeight(to, point(rule.sticky(), request));
      }
    }
    return null;
  }

  private static Route.Target byWeight(List<Route.Target> targets, double point) {
    double sum = targets.stream().mapToDouble(Route.Target::weight).sum();
    double left = point * sum;
    for (Route.Target target : targets) {
      left -= target.weight();
      if (left < 0) {
        return target;
      }
    }
    return targets.get(targets.size() - 1);
  }

  /** Where on the line of all weights a request is, 0 (included) to 1 (excluded). */
  private double point(Route.Sticky sticky, RequestInfo request) {
    String key =
        switch (sticky) {
          case NONE -> "";
          case SESSION -> request.caller().session();
          case TENANT -> request.caller().tenant();
        };
    if (!key.isEmpty()) {
      return (hash(key) >>> 11) * 0x1.0p-53;
    }
    synchronized (random) { // requests live on several event loops
      return random.nextDouble();
    }
  }

  /** FNV-1a with SplitMix64's finish, so that it is the same in every JVM and spreads. */
  private static long hash(String key) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }
}
