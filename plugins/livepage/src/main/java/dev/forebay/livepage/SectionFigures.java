package dev.forebay.livepage;

import dev.forebay.spi.metrics.Series;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The gauges of the sections that are shown: jobs, the ledger, and the autoscaler of each pool. */
final class SectionFigures {

  /** Sections and pools of the autoscaler that are shown at most. */
  private static final int MOST = 50;

  /** A section is known by a gauge that no other part has. */
  private enum Kind {
    JOBS("oldest_due_seconds"),
    LEDGER("waiting_records"),
    SCALING("wanted_replicas");

    private final String gauge;

    Kind(String gauge) {
      this.gauge = gauge;
    }
  }

  private SectionFigures() {}

  /** An object for each: its name, its kind, and its gauges, in which null is what is not known. */
  static JsonArray of(Map<Series, Double> gauges) {
    SortedMap<String, SortedMap<String, Double>> byName = new TreeMap<>();
    gauges.forEach(
        (series, value) -> {
          String pool = series.labels().get("pool");
          String name = pool == null ? series.part() : series.part() + ": " + pool;
          String state = series.labels().get("state");
          String gauge = state == null ? series.name() : series.name() + "_" + state;
          byName.computeIfAbsent(name, each -> new TreeMap<>()).put(gauge, value);
        });
    JsonArray list = new JsonArray();
    byName.forEach(
        (name, own) -> {
          Kind kind = kind(own);
          if (kind != null && list.size() < MOST) {
            JsonObject shown = new JsonObject();
            own.forEach((gauge, value) -> shown.put(gauge, Double.isFinite(value) ? value : null));
            list.add(
                new JsonObject()
                    .put("name", name)
                    .put("kind", kind.name().toLowerCase(Locale.ROOT))
                    .put("gauges", shown));
          }
        });
    return list;
  }

  private static @Nullable Kind kind(Map<String, Double> gauges) {
    for (Kind kind : Kind.values()) {
      if (gauges.containsKey(kind.gauge)) {
        return kind;
      }
    }
    return null;
  }
}
