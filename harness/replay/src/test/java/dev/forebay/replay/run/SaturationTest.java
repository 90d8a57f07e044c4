package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.SyntheticTrace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the guide recommends is worth it at any load: docs/harness.md has the whole sweeps, this is
 * a small part of them.
 */
class SaturationTest {

  private static final List<Long> SEEDS = List.of(1L, 2L);

  /** Some answers to coding agents take longer than their callers wait, also if they go first. */
  @ParameterizedTest
  @CsvSource({"overload, 0.995", "overload-coding, 0.9"})
  void atTwiceTheCapacityMoreAreAnsweredAndAtLeastTwiceAsManyInTime(
      String scenario, double urgent) {
    Map<String, Cell> cells = run(scenario, 2);
    for (int i = 0; i < SEEDS.size(); i++) {
      Row recommended = row(cells, "recommended", i);
      assertTrue(
          recommended.answeredOfOffered() > 1.2 * row(cells, "baseline", i).answeredOfOffered());
      assertTrue(
          recommended.groups().mostUrgent() > urgent,
          "urgent: " + recommended.groups().mostUrgent());
    }
    double good = goodOfAllSeeds(cells, "recommended");
    double without = goodOfAllSeeds(cells, "baseline");
    assertTrue(good >= 2 * without, good + " good answers/s, without a gateway " + without);
  }

  private static double goodOfAllSeeds(Map<String, Cell> cells, String combination) {
    return Objects.requireNonNull(cells.get(combination), combination).rows().stream()
        .mapToDouble(Row::goodput)
        .sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"overload", "overload-coding"})
  void atHalfTheCapacityHardlyAnybodyIsRefusedAndMoreAreAnswered(String scenario) {
    Map<String, Cell> cells = run(scenario, 0.5);
    for (int i = 0; i < SEEDS.size(); i++) {
      Row baseline = row(cells, "baseline", i);
      Row recommended = row(cells, "recommended", i);
      assertTrue(recommended.ok() >= baseline.ok(), recommended + ", baseline: " + baseline);
      // in bursts above the capacity, while the limit looks a quarter below itself
      assertTrue(recommended.needless() <= recommended.requests() / 1_000, recommended.toString());
    }
  }

  private static Row row(Map<String, Cell> cells, String combination, int seed) {
    return Objects.requireNonNull(cells.get(combination), combination).rows().get(seed);
  }

  private static Map<String, Cell> run(String name, double load) {
    Scenario scenario = ScenarioReader.read(name, Bench.REGISTRY, variable -> null);
    List<Combination> both =
        scenario.combinations().stream()
            .filter(one -> List.of("baseline", "recommended").contains(one.name()))
            .toList();
    Report report =
        new Comparison(scenario, both)
            .run(
                seed -> SyntheticTrace.generate(scenario.synthetic(), seed),
                load,
                SEEDS,
                2,
                (runs, of, row) -> {});
    assertEquals(Map.of(), report.failed());
    Map<String, Cell> cells = new HashMap<>();
    report.cells().forEach(cell -> cells.put(cell.combination(), cell));
    return cells;
  }
}
