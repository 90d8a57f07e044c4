package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.page.ReportPage;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conditions on figures of a report, and figures that are not there. */
class AssertionTest {

  private static final String ALL_FAIL = "[{ deadline: { total: 1ms } }, { balance: round-robin }]";
  private static final String PLAIN = "[{ balance: round-robin }]";

  @TempDir private Path folder;

  @Test
  void aCombinationThatAnswersNothingKeepsNoBoundOnItsLatency() {
    Report report = report(ALL_FAIL);
    assertTrue(check(report, "it.answeredOfOffered == 0").holds());
    for (String figure :
        List.of(
            "latencyMillis.mean",
            "latencyOfHitsMillis.mean",
            "latencyOfComputedMillis.p50",
            "firstTokenMillis.p99",
            "interTokenMillis.p99",
            "timePerOutputTokenMillis.mean")) {
      Assertion.Verdict verdict = check(report, "it." + figure + " <= 380");
      assertFalse(verdict.holds(), figure);
      assertEquals("it." + figure + " <= 380: no run has this figure", verdict.text());
    }
    assertTrue(check(report, "it.latencyOfAllMillis.mean >= 30000").holds());
  }

  @Test
  void noReportHasALatencyOfNothing() {
    Report report = report(ALL_FAIL);
    JsonObject row = JsonReport.of(report).getJsonArray("rows").getJsonObject(0);
    JsonObject latency = row.getJsonObject("latencyMillis");
    assertTrue(latency.containsKey("p99"));
    assertNull(latency.getValue("p99"));
    String line =
        TableReport.of(report, true, false)
            .lines()
            .filter(l -> l.startsWith("it "))
            .findFirst()
            .orElseThrow();
    assertFalse(line.contains("0.0 ms"), line);
    assertTrue(line.contains("  -  "), line);
    String csv = CsvReport.of(report);
    assertFalse(csv.contains("NaN"), csv);
    assertTrue(csv.contains(",,,,"), csv);
  }

  /** The page marks the best of each column. */
  @Test
  void noTimeOfNothingIsTheBest() {
    Scenario scenario = scenario(ALL_FAIL);
    Report report = report(scenario, scenario.combinations());
    assertTrue(report.cells().size() >= 3);
    String page = ReportPage.of(report, Optional.empty(), "forebay compare");
    assertTrue(page.contains("<td>140 ms<"), page);
    assertFalse(page.contains("<td class=\"best\">0.0 ms<"), page);
  }

  @Test
  void figuresOfGroupsAreThoseOfTheGroup() {
    Report report = report(PLAIN);
    assertTrue(check(report, "it.byPriority.1.requests == 2").holds());
    assertFalse(check(report, "it.byPriority.1.ok <= 1").holds());
    assertTrue(check(report, "it.plugin.balance.picks == 2").holds());
    assertTrue(check(report, "it.rejected.rate_limited == 0").holds());
    assertFalse(check(report, "it.byPriority.0.ok <= 1").holds(), "there is none");
    assertFalse(check(report, "it.histograms.admit.wait_seconds.p99 <= 1").holds(), "no queue");
    for (String unknown :
        List.of("latencyMillis.p42", "byPriority.1.oks", "byPriority.ok", "course.x", "nothing")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> Assertion.parse("it." + unknown + " <= 1", List.of("it")),
          unknown);
    }
  }

  private static Assertion.Verdict check(Report report, String condition) {
    return Assertion.parse(condition, List.of("it")).check(report);
  }

  private Report report(String pipeline) {
    Scenario scenario = scenario(pipeline);
    return report(
        scenario, scenario.combinations().stream().filter(one -> one.name().equals("it")).toList());
  }

  private static Report report(Scenario scenario, List<Combination> combinations) {
    return new Comparison(scenario, combinations)
        .run(seed -> trace(at(0), at(500)), 0, List.of(1L), 1, (runs, of, run) -> {});
  }

  private Scenario scenario(String pipeline) {
    return Bench.scenario(
        folder,
        Bench.REGISTRY,
        Bench.FLEET + "combinations: { it: { gateway: { pipeline: " + pipeline + " } } }");
  }
}
