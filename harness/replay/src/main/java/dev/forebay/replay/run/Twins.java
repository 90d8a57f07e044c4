package dev.forebay.replay.run;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which stores of a comparison were their twins: what a reader of the report has to know. */
final class Twins {

  private static final String REDIS =
      "redis is its in-memory twin: the same plugin above a modelled server, 150 to 225 us away one"
          + " way, that never fails (redis-twin models others)";
  private static final String REDIS_TWIN =
      "redis-twin is the plugin redis above a modelled server, with the latency and faults of its"
          + " options";

  private Twins() {}

  /** A sentence for each kind of twin. */
  static List<String> notes(List<Combination> combinations) {
    Set<String> names = new LinkedHashSet<>();
    for (Combination combination : combinations) {
      Options.visit(
          combination.blueprint(),
          (holder, option, value) -> {
            if (value instanceof Plugin<?> plugin) {
              names.add(Plugins.name(plugin));
            }
          });
    }
    List<String> notes = new ArrayList<>();
    if (names.contains("redis")) {
      notes.add(REDIS);
    }
    if (names.contains("redis-twin")) {
      notes.add(REDIS_TWIN);
    }
    return notes;
  }
}
