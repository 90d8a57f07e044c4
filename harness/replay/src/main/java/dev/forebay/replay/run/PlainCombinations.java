package dev.forebay.replay.run;

import dev.forebay.config.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The combinations that every scenario has: what others are compared with, and the bounds of what a
 * cache and a balancer could do. Each is one pipeline before the backends of all pools.
 */
final class PlainCombinations {

  private PlainCombinations() {}

  static Node baseline(Node gateway) {
    return plain(
        ScenarioReader.BASELINE,
        "round robin over one list of backends, nothing else",
        List.of(),
        List.of(Map.of("balance", "round-robin")),
        gateway);
  }

  static Node unboundedCache(Node gateway) {
    return plain(
        ScenarioReader.UNBOUNDED_CACHE,
        "a cache that forgets nothing, before round robin",
        List.of("prompt-identity"),
        List.of(Map.of("cache", Map.of("store", "unbounded")), Map.of("balance", "round-robin")),
        gateway);
  }

  static Node clairvoyantBalancer(Node gateway) {
    return plain(
        ScenarioReader.CLAIRVOYANT_BALANCER,
        "a balancer that knows how long answers will be, and foresees no faults",
        List.of(),
        List.of(Map.of("balance", "clairvoyant")),
        gateway);
  }

  /** A combination of one pipeline before the backends of all pools. */
  private static Node plain(
      String name,
      String about,
      List<String> needs,
      List<Map<String, Object>> pipeline,
      Node gateway) {
    Map<String, @Nullable Object> patch = new LinkedHashMap<>();
    patch.put("pipeline", pipeline);
    Node pools = gateway.get("pools");
    if (pools != null) {
      patch.put("pools", null);
      patch.put("models", null);
      patch.put("backends", backends(gateway, pools));
    }
    return Node.of(Map.of("about", about, "needs", needs, "gateway", patch), name);
  }

  private static List<Node> backends(Node gateway, Node pools) {
    List<Node> all = new ArrayList<>();
    Node own = gateway.get("backends");
    if (own != null) {
      all.addAll(own.items());
    }
    for (String pool : pools.keys()) {
      Node described = pools.get(pool);
      Node backends = described == null ? null : described.get("backends");
      if (backends != null) {
        all.addAll(backends.items());
      }
    }
    return all;
  }
}
