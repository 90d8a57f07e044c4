package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.SyntheticTrace;
import dev.forebay.replay.trace.Trace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What further tries and second calls are worth: the scenarios that show it. */
class RetriesTest {

  private static Row row(String scenario, String combination, long seed) {
    Scenario read = ScenarioReader.read(scenario, Bench.REGISTRY, name -> null);
    List<Combination> one =
        read.combinations().stream().filter(each -> each.name().equals(combination)).toList();
    Trace trace = SyntheticTrace.generate(read.synthetic(), seed);
    assertTrue(trace.requests().size() >= 20_000);
    return new Comparison(read, one)
        .run(any -> trace, 0, List.of(seed), 1, (runs, of, row) -> {})
        .cells()
        .get(0)
        .rows()
        .get(0);
  }

  private static long calls(Row row) {
    return row.byBackend().values().stream().mapToLong(Long::longValue).sum();
  }

  /** 1.2 calls per request, and one per second of the arrivals (at 200 requests a second). */
  private static void assertBudgetKept(Row row) {
    double bound = 1.2 * row.requests() + row.requests() / 200.0;
    assertTrue(calls(row) < bound, calls(row) + " calls (expected: below " + bound + ")");
  }

  @Test
  void callersDoNotNoticeThatATenthFailsBeforeItsContent() {
    for (String how : List.of("before-content", "error-events")) {
      Row row = row("retries", how, 1);
      assertTrue(row.availability() >= 0.999, how + ": " + row.availability());
      assertBudgetKept(row);
    }
    double without = row("retries", "baseline", 1).availability();
    assertEquals(0.9, without, 0.01, "a tenth does fail");
  }

  @Test
  void whoeverIsCutAfterTheContentIsTold() {
    Row row = row("retries", "after-content", 1);
    long cut = row.failures().getOrDefault("cut", 0L);
    assertEquals(row.requests() * 0.02, cut, row.requests() * 0.005);
    assertEquals(row.requests(), row.ok() + cut, "each has its answer or its error");
    assertEquals(row.requests(), calls(row), "nothing is tried again");
  }

  @Test
  void answersThatAreCutAreContinued() {
    Row row = row("retries", "resumed", 1);
    assertTrue(row.availability() >= 0.9999, "answered: " + row.availability());
    assertEquals(Map.of(), row.wrong());
    assertEquals(row.requests() * 1.02, calls(row), row.requests() * 0.005);
    assertBudgetKept(row);
  }

  @Test
  void callsStayWithinTheBudgetWhenEverythingFails() {
    for (String how : List.of("everything-fails", "everything-refused")) {
      for (long seed = 1; seed <= 3; seed++) {
        Row row = row("retries", how, seed);
        assertEquals(0, row.ok());
        assertBudgetKept(row);
        assertTrue(calls(row) > 1.19 * row.requests(), how + ": " + calls(row));
      }
    }
  }

  @Test
  void aSecondCallHalvesTheTailForOneInTwenty() {
    Row without = row("hedging", "baseline", 1);
    for (String how : List.of("hedge", "hedge-fixed")) {
      Row row = row("hedging", how, 1);
      assertEquals(row.requests(), row.ok());
      assertTrue(
          row.firstToken().p99() <= without.firstToken().p99() / 2,
          row.firstToken() + " (baseline: " + without.firstToken() + ")");
      assertTrue(calls(row) <= 1.05 * row.requests(), how + ": " + calls(row));
    }
    assertEquals(row("hedging", "hedge", 1).digest(), row("hedging", "hedge", 1).digest());
  }
}
