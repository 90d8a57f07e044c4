package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.SyntheticTrace;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The other workloads of {@code overload}: each combination differs from the baseline as its text
 * says. The recorded ones run here on the traffic that is generated to their statistics.
 */
class WorkloadTextsTest {

  /** What a combination answers more than the baseline, as a share of what was offered. */
  private record Than(String combination, double more, double mean) {

    void answers(double from, double to) {
      assertTrue(more >= from && more <= to, toString());
    }

    void isSooner(double share) {
      assertTrue(mean < share, toString());
    }

    void isLater() {
      assertTrue(mean >= 1, toString());
    }
  }

  private static Map<String, Than> compare(String name) {
    Scenario scenario = ScenarioReader.read(name, Bench.REGISTRY, other -> null);
    Map<String, Row> rows = new TreeMap<>();
    new Comparison(scenario, scenario.combinations())
        .run(
            seed -> SyntheticTrace.generate(scenario.synthetic(), seed),
            0,
            List.of(1L),
            2,
            (runs, of, row) -> {})
        .cells()
        .forEach(cell -> rows.put(cell.combination(), cell.rows().get(0)));
    Row baseline = Objects.requireNonNull(rows.get("baseline"));
    Map<String, Than> result = new TreeMap<>();
    rows.forEach(
        (combination, row) ->
            result.put(
                combination,
                new Than(
                    combination,
                    row.answeredOfOffered() - baseline.answeredOfOffered(),
                    row.latencies().all().mean() / baseline.latencies().all().mean())));
    assertEquals(scenario.combinations().size(), result.size());
    return result;
  }

  private static Than of(Map<String, Than> all, String combination) {
    return Objects.requireNonNull(all.get(combination), combination);
  }

  /** What the texts of {@code overload} say, unless a workload has others. */
  private static void assertWhatHoldsEverywhere(Map<String, Than> all) {
    of(all, "least-connections").isSooner(0.95);
    of(all, "recommended").answers(0.01, 1);
    of(all, "recommended").isSooner(0.9);
    of(all, "recommended-without-classes").answers(0.01, 1);
    of(all, "retry").answers(0.005, 1);
  }

  @Test
  void longPromptsOfCodingAgents() {
    Map<String, Than> all = compare("overload-coding");
    assertWhatHoldsEverywhere(all);
    of(all, "deadline").answers(-1, -0.05);
    of(all, "limit").answers(0, 0);
    of(all, "cache").answers(0.005, 0.03);
    of(all, "admit").answers(-0.025, 0.025);
    of(all, "everything").answers(-1, -0.02);
  }

  @Test
  void shortTurnsOfAgents() {
    Map<String, Than> all = compare("overload-agents");
    assertWhatHoldsEverywhere(all);
    of(all, "deadline").answers(-1, -0.01);
    of(all, "limit").answers(0, 0);
    of(all, "cache").answers(0.005, 0.03);
    of(all, "admit").answers(-0.01, 0.01);
    of(all, "everything").answers(-1, -0.01);
  }

  @Test
  void recordedCustomerService() {
    Map<String, Than> all = compare("recorded");
    assertWhatHoldsEverywhere(all);
    of(all, "deadline").answers(0.002, 1);
    of(all, "limit").answers(-0.005, 0.005);
    of(all, "cache").answers(0.002, 1);
    of(all, "admit").answers(-0.005, 0.005);
    of(all, "everything").answers(0.005, 1);
  }

  @Test
  void recordedLongPrompts() {
    Map<String, Than> all = compare("recorded-agents");
    assertWhatHoldsEverywhere(all);
    of(all, "deadline").answers(-1, 0);
    of(all, "limit").answers(-0.01, 0.01);
    of(all, "admit").answers(-1, 0);
    of(all, "admit").isLater();
    of(all, "everything").isSooner(0.9);
  }
}
