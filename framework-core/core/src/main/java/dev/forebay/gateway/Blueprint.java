package dev.forebay.gateway;

import dev.forebay.core.cost.Prices;
import dev.forebay.core.limiting.MemoryOptions;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway as a description: the one model under the code and the YAML.
 *
 * @param stages what every request passes, first the outermost, before it is routed to a pool
 * @param pools at least one
 * @param extraWork the budget of retries, fallbacks and hedges
 * @param routes rules that come before the models that pools name, in order
 * @param prices what tokens cost
 * @param memory the bound over all unfinished bodies, answers and recordings
 */
public record Blueprint(
    List<Plugin<Filter>> stages,
    List<Pool> pools,
    RetryBudget.Options extraWork,
    List<Route> routes,
    Prices prices,
    MemoryOptions memory) {

  /** A gateway that routes by the models that its pools name, without prices. */
  public Blueprint(List<Plugin<Filter>> stages, List<Pool> pools, RetryBudget.Options extraWork) {
    this(stages, pools, extraWork, List.of(), Prices.NONE, MemoryOptions.DEFAULTS);
  }

  /** Copies, and checks that names and models are unique. */
  public Blueprint {
    stages = List.copyOf(stages);
    pools = List.copyOf(pools);
    routes = List.copyOf(routes);
    if (pools.isEmpty()) {
      throw new IllegalArgumentException("pools: none (expected: at least one)");
    }
    Routes byModel = Routes.of(pools);
    for (Route route : routes) {
      check(route, byModel, pools);
    }
    for (Plugin<Filter> stage : stages) {
      for (String pool : named(stage).values()) {
        check(Plugins.name(stage), pool, pools);
      }
    }
    for (Pool pool : pools) {
      for (Plugin<Filter> stage : pool.stages()) {
        String name = Plugins.name(stage);
        for (String other : named(stage).values()) {
          check(name, other, pools);
          if (other.equals(pool.name())) {
            throw new IllegalArgumentException(
                name + ": " + other + " (expected: another pool than its own)");
          }
        }
      }
    }
    checkCircles(pools);
  }

  /** A request that no pool can answer must not go around in circles. */
  private static void checkCircles(List<Pool> pools) {
    Map<String, Set<String>> next = new LinkedHashMap<>();
    for (Pool pool : pools) {
      Set<String> named = next.computeIfAbsent(pool.name(), name -> new LinkedHashSet<>());
      pool.stages().forEach(stage -> named.addAll(named(stage).values()));
    }
    for (String name : next.keySet()) {
      Set<String> reached = new LinkedHashSet<>(next.getOrDefault(name, Set.of()));
      for (int size = 0; size < reached.size(); ) {
        size = reached.size();
        for (String other : List.copyOf(reached)) {
          reached.addAll(next.getOrDefault(other, Set.of()));
        }
      }
      if (reached.contains(name)) {
        throw new IllegalArgumentException(
            "fallback: " + name + " falls back to itself by way of others (expected: no circle)");
      }
    }
  }

  /** The pools that a stage names, by the names of its options. */
  static Map<String, String> named(Plugin<Filter> stage) {
    Record record = Plugins.options(stage);
    Map<String, String> named = new LinkedHashMap<>();
    if (record != null) {
      for (Options.Option option : Options.of(record.getClass()).all()) {
        if ("pool".equals(option.ref()) && option.of(record) instanceof String pool) {
          named.put(option.name(), pool);
        }
      }
    }
    return named;
  }

  private static void check(Route route, Routes byModel, List<Pool> pools) {
    for (Route.Target target : route.to()) {
      check("routes", target.pool(), pools);
      String model = target.model() == null ? route.models().get(0) : target.model();
      if (target.pool() == null && byModel.poolOf(model) == null) {
        throw new IllegalArgumentException(
            "routes: " + model + " is of no pool (expected: a pool, or a model that one names)");
      }
    }
  }

  private static void check(String what, @Nullable String named, List<Pool> pools) {
    if (named != null && pools.stream().noneMatch(pool -> pool.name().equals(named))) {
      throw new IllegalArgumentException(
          what
              + ": "
              + named
              + " (expected: a pool: "
              + String.join(", ", pools.stream().map(Pool::name).toList())
              + ")");
    }
  }
}
