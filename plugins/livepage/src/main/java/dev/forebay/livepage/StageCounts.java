package dev.forebay.livepage;

import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a stage has counted up to now.
 *
 * @param counts by the counter's name
 */
record StageCounts(Kind kind, Map<String, Long> counts) {

  /** Stages that are shown at most. */
  private static final int MOST = 50;

  /**
   * Kinds of stages that are shown. A stage is known by what it counts: it has all counters of its
   * kind, which no other kind has. A part that has some of them is no such stage: the section
   * {@code tracing} counts what it has {@code sent}, too.
   */
  enum Kind {
    /** {@code cache}. */
    CACHE("joins", "hits", "misses", "stale", "failures", "lookup_timeouts"),
    /** {@code admit}. */
    QUEUE("shed", "admitted", "queued", "expired", "left"),
    /** {@code rate-limit}. */
    LIMIT("delayed", "admitted", "refused", "failed_open", "timeouts"),
    /** {@code retry}. */
    RETRY("recovered", "retries", "budget_denied"),
    /** {@code hedge}. */
    HEDGE("sent", "won", "capped", "budget_denied"),
    /** {@code fallback}. */
    FALLBACK("fallbacks", "budget_denied");

    @SuppressWarnings("ImmutableEnumChecker") // it is a copy
    private final List<String> counters;

    Kind(String... counters) {
      this.counters = List.of(counters);
    }

    /** As JSON has it. */
    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What the stage counted since an earlier moment: all of it if there was no such stage, or one
   * that had counted more, since a reload made it new. Never less than 0.
   */
  long since(@Nullable StageCounts before, String counter) {
    long count = counts.getOrDefault(counter, 0L);
    long earlier = before == null ? 0 : before.counts.getOrDefault(counter, 0L);
    return count < earlier ? count : count - earlier;
  }

  /** All stages of known kinds, by name. */
  static Map<String, StageCounts> all(Snapshot metrics) {
    Map<String, Map<String, Long>> byPart = new TreeMap<>();
    for (Map.Entry<Series, Long> each : metrics.counters().entrySet()) {
      Series series = each.getKey();
      if (series.labels().isEmpty()) {
        byPart
            .computeIfAbsent(series.part(), part -> new TreeMap<>())
            .put(series.name(), each.getValue());
      }
    }
    Map<String, StageCounts> stages = new LinkedHashMap<>();
    for (Kind kind : Kind.values()) {
      for (String part : of(kind, byPart)) {
        if (stages.size() < MOST) {
          stages.put(part, new StageCounts(kind, counted(kind, byPart.getOrDefault(part, none()))));
        }
      }
    }
    return stages;
  }

  private static List<String> of(Kind kind, Map<String, Map<String, Long>> byPart) {
    List<String> parts = new ArrayList<>();
    byPart.forEach(
        (part, counts) -> {
          if (counts.keySet().containsAll(kind.counters)) {
            parts.add(part);
          }
        });
    return parts;
  }

  private static Map<String, Long> counted(Kind kind, Map<String, Long> all) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (String counter : kind.counters) {
      counts.put(counter, all.getOrDefault(counter, 0L));
    }
    return counts;
  }

  private static Map<String, Long> none() {
    return new TreeMap<>();
  }
}
