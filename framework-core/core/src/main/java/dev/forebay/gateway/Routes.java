package dev.forebay.gateway;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which pool serves a model. */
final class Routes {

  private final Map<String, String> byModel;
  private final @Nullable String other;

  private Routes(Map<String, String> byModel, @Nullable String other) {
    this.byModel = byModel;
    this.other = other;
  }

  /** The routes to some pools, by name. */
  static Routes of(Map<String, Pool> pools) {
    Map<String, String> byModel = new LinkedHashMap<>();
    String other = null;
    for (Map.Entry<String, Pool> pool : pools.entrySet()) {
      pool.getValue().models().forEach(model -> byModel.put(model, pool.getKey()));
      // The first pool without models takes what is left; further ones are for fallbacks.
      if (pool.getValue().models().isEmpty() && other == null) {
        other = pool.getKey();
      }
    }
    return new Routes(byModel, other);
  }

  /** The pool of a model; null where none serves it. */
  @Nullable String poolOf(String model) {
    String pool = byModel.get(model);
    return pool == null ? other : pool;
  }

  /** The pool that takes models that no pool names; null where there is none. */
  @Nullable String other() {
    return other;
  }

  /** Whether a pool names a model. */
  boolean names(String model) {
    return byModel.containsKey(model);
  }

  /** Names that callers can use, in order: those of the rules, and those of the pools. */
  List<String> models(List<Route> rules) {
    Set<String> models = new LinkedHashSet<>();
    for (Route rule : rules) {
      rule.models().stream().filter(name -> !name.endsWith("*")).forEach(models::add);
    }
    models.addAll(byModel.keySet());
    return List.copyOf(models);
  }
}
