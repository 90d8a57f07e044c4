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
}
