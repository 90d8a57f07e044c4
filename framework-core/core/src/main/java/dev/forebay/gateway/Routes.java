package dev.forebay.gateway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which pool serves a model. */
final class Routes {

  private final Map<String, String> byModel;
  private final @Nullable String other;

  private Routes(Map<String, String> byModel, @Nullable String other) {
    this.byModel = byModel;
    this.other = other;
  }

  /**
   * The routes to some pools.
   *
   * @throws IllegalArgumentException where two have one name, or one model
   */
  static Routes of(List<Pool> pools) {
    Map<String, String> byModel = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    String other = null;
    for (Pool pool : pools) {
      if (names.contains(pool.name())) {
        throw new IllegalArgumentException(
            "pools: " + pool.name() + " twice (expected: unique names)");
      }
      names.add(pool.name());
      for (String model : pool.models()) {
        String taken = byModel.putIfAbsent(model, pool.name());
        if (taken != null) {
          throw new IllegalArgumentException(
              "models: "
                  + model
                  + " in "
                  + taken
                  + " and "
                  + pool.name()
                  + " (expected: one pool)");
        }
      }
      // The first pool without models takes what is left; further ones are for fallbacks.
      if (pool.models().isEmpty() && other == null) {
        other = pool.name();
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

  /** Models that are named, in order. */
  List<String> models() {
    return List.copyOf(byModel.keySet());
  }
}
