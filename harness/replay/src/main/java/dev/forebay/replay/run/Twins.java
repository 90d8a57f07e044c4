package dev.forebay.replay.run;

import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Pool;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Plugins;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
      Blueprint blueprint = combination.blueprint();
      blueprint.stages().forEach(stage -> named(stage, names));
      for (Pool pool : blueprint.pools()) {
        pool.stages().forEach(stage -> named(stage, names));
      }
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

  /** The names of a plugin and of those that its options hold. */
  private static void named(Plugin<?> plugin, Set<String> names) {
    names.add(Plugins.name(plugin));
    Record options = Plugins.options(plugin);
    if (options != null) {
      for (RecordComponent option : options.getClass().getRecordComponents()) {
        if (option.getType() == Plugin.class && value(options, option) instanceof Plugin<?> inner) {
          named(inner, names);
        }
      }
    }
  }

  private static @Nullable Object value(Record options, RecordComponent option) {
    try {
      return option.getAccessor().invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(options.getClass() + ": cannot be read", e);
    }
  }
}
