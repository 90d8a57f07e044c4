package dev.forebay.livepage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StageCountsTest {

  private final SortedMap<Series, Long> counters = new TreeMap<>();

  private void count(String part, List<String> names) {
    names.forEach(name -> counters.put(new Series(part, name), 1L));
  }

  private Map<String, StageCounts> all() {
    return StageCounts.all(new Snapshot(counters, new TreeMap<>(), new TreeMap<>()));
  }

  @Test
  void aPartThatCountsSomeOfWhatAStageCountsIsNoSuchStage() {
    count("hedge", List.of("sent", "won", "capped", "budget_denied", "more"));
    count("tracing", List.of("sent", "failed", "dropped"));
    count("lru", List.of("hits", "misses"));
    Map<String, StageCounts> stages = all();
    assertEquals(List.of("hedge"), List.copyOf(stages.keySet()));
    Map<String, Long> counts = Map.of("sent", 1L, "won", 1L, "capped", 1L, "budget_denied", 1L);
    assertEquals(List.of(counts), stages.values().stream().map(StageCounts::counts).toList());
  }

  /** A state of which only the stages are looked at. */
  private Totals totals(long retries, long hits) {
    counters.clear();
    List.of("recovered", "retries", "budget_denied")
        .forEach(name -> counters.put(new Series("retry", name), retries));
    if (hits >= 0) {
      List.of("joins", "hits", "misses", "stale", "failures", "lookup_timeouts")
          .forEach(name -> counters.put(new Series("cache", name), hits));
    }
    return Totals.of(States.gateway(List.of(), Map.of(), Map.of(), counters), 0);
  }

  @Test
  void aStageThatAReloadTookAwayOrMadeNewNeverCountsBackwards() {
    Totals before = totals(10, 100);
    Totals without = totals(12, -1);
    assertEquals(0, without.since(before, StageCounts.Kind.CACHE, "hits"));
    assertEquals(2, without.since(before, StageCounts.Kind.RETRY, "retries"));
    Totals made = totals(13, 7);
    assertEquals(7, made.since(before, StageCounts.Kind.CACHE, "hits"));
    assertEquals(7, made.since(without, StageCounts.Kind.CACHE, "hits"));
  }
}
