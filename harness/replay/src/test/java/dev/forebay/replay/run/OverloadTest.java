package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.SyntheticTrace;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The reference story that the scenario {@code overload} tells, on the seeds that it is told by.
 */
class OverloadTest {

  @Test
  void theBaselineLosesOneInTwelveAndEverythingTogetherNearlyNone() {
    Scenario scenario = ScenarioReader.read("overload", Bench.REGISTRY, name -> null);
    List<Combination> two =
        scenario.combinations().stream()
            .filter(one -> List.of("baseline", "everything").contains(one.name()))
            .toList();
    Report report =
        new Comparison(scenario, two)
            .run(
                seed -> SyntheticTrace.generate(scenario.synthetic(), seed),
                0,
                LongStream.rangeClosed(1, 5).boxed().toList(),
                2,
                (runs, of, row) -> {});
    Cell baseline = report.cells().get(0);
    Cell everything = report.cells().get(1);
    double lost = baseline.mean(Row::availability);
    assertTrue(lost >= 0.91 && lost <= 0.93, "baseline: " + lost);
    for (Row row : everything.rows()) {
      assertTrue(row.availability() >= 0.99, row.toString());
      assertTrue(row.answeredOfOffered() >= 0.99, "not ahead by refusing: " + row);
      long limited = row.rejected().getOrDefault("rate_limited", 0L);
      assertTrue(limited <= row.requests() / 100, row.toString());
    }
    for (Cell cell : report.cells()) {
      for (Row row : cell.rows()) {
        assertEquals(
            row.requests(),
            row.ok() + row.failed() + row.cancelled() + row.rejections(),
            row.toString());
      }
    }
    for (int i = 0; i < 5; i++) {
      assertEquals(baseline.rows().get(i).requests(), everything.rows().get(i).requests());
    }
  }
}
