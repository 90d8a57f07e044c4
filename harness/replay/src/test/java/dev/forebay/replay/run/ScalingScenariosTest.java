package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.replay.trace.SyntheticTrace;
import dev.forebay.replay.trace.Trace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the scenarios of scaling say in docs/scaling.md, in short. */
class ScalingScenariosTest {

  private static final Registry REGISTRY =
      Registry.load(ScalingScenariosTest.class.getClassLoader());

  private static Map<String, Row> rows(
      String scenario, Map<String, ?> synthetic, String... combinations) throws Exception {
    Scenario patched =
        ScenarioReader.patched(scenario, REGISTRY, Map.of("synthetic", synthetic), Map.of());
    Map<String, Row> rows = new TreeMap<>();
    List<Combination> chosen =
        patched.combinations().stream()
            .filter(one -> List.of(combinations).contains(one.name()))
            .toList();
    assertEquals(combinations.length, chosen.size());
    Trace trace = SyntheticTrace.generate(patched.synthetic(), 1);
    try (Runs runs = new Runs(patched, 1, Duration.ofMinutes(5), null, (done, total, run) -> {})) {
      runs.run(chosen, new TreeMap<>(Map.of(1L, trace)));
      assertEquals(Map.of(), runs.failed());
      runs.cells(chosen).forEach(cell -> rows.put(cell.combination(), cell.rows().get(0)));
    }
    return rows;
  }

  @Test
  void aBurstIsAnsweredByServersThatAreStartedForIt() throws Exception {
    Map<String, Row> rows =
        rows("burst-scaling", Map.of("seconds", 1_500), "fixed-5", "queue", "queue-standbys");
    Row fixed = row(rows, "fixed-5");
    Row queue = row(rows, "queue");
    Row standbys = row(rows, "queue-standbys");
    assertTrue(queue.answeredOfOffered() > fixed.answeredOfOffered() + 0.02, rows::toString);
    assertTrue(standbys.answeredOfOffered() >= queue.answeredOfOffered(), rows::toString);
    assertTrue(
        standbys.latencies().firstContent().p99() < 0.9 * queue.latencies().firstContent().p99(),
        rows::toString);
    assertTrue(queue.spent().replicaHours() > fixed.spent().replicaHours());
    assertEquals(
        2 * queue.spent().replicaHours(),
        queue.spent().replicaCost(),
        1e-9,
        "2 US dollars an hour");
  }

  private static Row row(Map<String, Row> rows, String name) {
    Row row = rows.get(name);
    if (row == null) {
      throw new IllegalStateException("no row " + name);
    }
    return row;
  }
}
