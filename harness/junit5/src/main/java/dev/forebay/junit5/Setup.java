package dev.forebay.junit5;

import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.gateway.Pipeline;
import dev.forebay.simulation.http.EmulatorProfile;
import dev.forebay.spi.options.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What an extension starts. */
record Setup(
    Map<String, EmulatorProfile> upstreams,
    Consumer<Pipeline> pipeline,
    List<PoolSetup> pools,
    List<KeyOptions> keys) {

  /** A pool of some of the upstreams. */
  record PoolSetup(String name, Consumer<Pipeline> pipeline, List<String> upstreams) {}

  Setup {
    upstreams = new LinkedHashMap<>(upstreams);
    pools = List.copyOf(pools);
    keys = List.copyOf(keys);
    if (upstreams.isEmpty()) {
      throw new IllegalArgumentException("upstreams: none (expected: at least one)");
    }
    for (PoolSetup pool : pools) {
      for (String id : pool.upstreams()) {
        if (!upstreams.containsKey(id)) {
          throw new IllegalArgumentException(
              "pool %s: %s (expected: %s)"
                  .formatted(pool.name(), id, Names.oneOf(upstreams.keySet(), id)));
        }
      }
    }
  }

  /** Upstreams that no pool names: those of the gateway's own pipeline. */
  List<String> ungrouped() {
    TreeSet<String> grouped = new TreeSet<>();
    pools.forEach(pool -> grouped.addAll(pool.upstreams()));
    List<String> left = new ArrayList<>(upstreams.keySet());
    left.removeAll(grouped);
    return left;
  }
}
