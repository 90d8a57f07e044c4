package dev.forebay.gateway;

import dev.forebay.core.ExtraWork;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A whole gateway as a description: the one model under the code and the YAML.
 *
 * @param stages what every request passes, first the outermost, before it is routed to a pool
 * @param pools at least one
 * @param extraWork the budget of retries and fallbacks
 */
public record Blueprint(List<Stage> stages, List<Pool> pools, ExtraWork.Options extraWork) {

  /** Copies, and checks that names and models are unique. */
  public Blueprint {
    stages = List.copyOf(stages);
    pools = List.copyOf(pools);
    if (pools.isEmpty()) {
      throw new IllegalArgumentException("pools: none (expected: at least one)");
    }
    Routes.of(pools);
    for (Stage stage : stages) {
      check(stage, pools);
    }
    for (Pool pool : pools) {
      for (Stage stage : pool.stages()) {
        check(stage, pools);
        if (stage instanceof Stage.Fallback fallback && fallback.pool().equals(pool.name())) {
          throw new IllegalArgumentException(
              "fallback: " + pool.name() + " (expected: another pool than its own)");
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
      for (Stage stage : pool.stages()) {
        if (stage instanceof Stage.Fallback fallback) {
          named.add(fallback.pool());
        }
      }
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

  private static void check(Stage stage, List<Pool> pools) {
    if (stage instanceof Stage.Fallback fallback
        && pools.stream().noneMatch(pool -> pool.name().equals(fallback.pool()))) {
      throw new IllegalArgumentException(
          "fallback: "
              + fallback.pool()
              + " (expected: a pool: "
              + String.join(", ", pools.stream().map(Pool::name).toList())
              + ")");
    }
  }
}
