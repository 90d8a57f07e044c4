package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers that try again as the official clients do, by hand; see {@link Bench}. */
class CallersTest {

  private static final long MILLI = 1_000_000;

  @TempDir private Path folder;

  private Row run(String more) {
    String text =
        Bench.FLEET
            + more
            + "\ncombinations: { it: { gateway: { pipeline: [{ balance: round-robin }] } } }\n";
    Scenario scenario = Bench.scenario(folder, Bench.REGISTRY, text);
    List<Combination> it =
        scenario.combinations().stream().filter(one -> one.name().equals("it")).toList();
    return new Comparison(scenario, it)
        .run(seed -> trace(at(0)), 0, List.of(1L), 1, (runs, of, run) -> {})
        .cells()
        .get(0)
        .rows()
        .get(0);
  }

  private static String failing(String faults, String callers) {
    return "    faults: [" + faults + "]\ncallers: " + callers;
  }

  @Test
  void aCallerTriesAgainTwiceAsLateEachTime() {
    Row row = run(failing("{ kind: fail, length: 1s }", "{ retries: 2, jitter: 0 }"));
    // at 0 and 0.5 s it is refused; at 1.5 s it is answered in 140 ms
    assertEquals(1, row.ok());
    assertEquals(1640, row.latency().mean(), 1e-6);
    assertEquals(Map.of("a", 3L), row.byBackend());
    assertEquals(2L, row.plugin().get("callers.retries"));
  }

  @Test
  void afterItsLastTryItHasTheLastRefusal() {
    Row row = run(failing("{ kind: fail }", "{ retries: 2, jitter: 0 }"));
    assertEquals(1, row.requests());
    assertEquals(Map.of("overloaded", 1L), row.failures());
    assertEquals(Map.of("a", 3L), row.byBackend());
  }

  @Test
  void withoutTheOptionItTriesOnce() {
    Row row = run(failing("{ kind: fail, length: 1s }", "{}"));
    assertEquals(Map.of("overloaded", 1L), row.failures());
    assertEquals(Map.of("a", 1L), row.byBackend());
    assertFalse(row.plugin().containsKey("callers.retries"));
  }

  @Test
  void whatBreaksAfterTheHeadOfAnAnswerIsNotTriedAgain() {
    Row row = run(failing("{ kind: error-event }", "{ retries: 2 }"));
    assertEquals(Map.of("error_event", 1L), row.failures());
    assertEquals(Map.of("a", 1L), row.byBackend());
  }

  @Test
  void aCallerLeavesInAPauseWhenItsPatienceEnds() {
    Row row =
        run(
            failing("{ kind: fail }", "{ retries: 2, jitter: 0 }")
                + "\nobjective: { patience: 1s }");
    assertEquals(Map.of("gave_up", 1L), row.failures());
    assertEquals(Map.of("a", 2L), row.byBackend());
  }

  @Test
  void theHitOfAFaultIsDrawnForEachTry() {
    Row row = run(failing("{ kind: fail, amount: 0.5 }", "{ retries: 20, first-pause: 10ms }"));
    assertEquals(1, row.ok());
  }

  @Test
  void aPauseIsWhatRetryAfterSaysOrElseDoublesToItsBound() {
    Callers callers = new Callers(2, Duration.ofMillis(500), Duration.ofSeconds(8), 0.25, null);
    Failure failure = Failure.of(Status.OVERLOADED, 503, "full", "full");
    for (int tries = 0; tries < 8; tries++) {
      double whole = Math.min(500 * Math.pow(2, tries), 8000) * MILLI;
      long pause = callers.pauseNanos(failure, tries, 7);
      assertTrue(pause <= whole && pause >= 0.75 * whole, tries + ": " + pause);
    }
    assertEquals(3_000 * MILLI, callers.pauseNanos(failure.retryAfter(3_000 * MILLI), 0, 7));
  }

  @Test
  void whatIsTriedAgainIsWhatTheOfficialClientsTryAgain() {
    for (int status : new int[] {408, 409, 429, 500, 502, 503, 504}) {
      assertTrue(Callers.wouldRetry(Failure.of(Status.OVERLOADED, status, "r", "m")), "" + status);
    }
    for (int status : new int[] {400, 401, 404, 422}) {
      assertFalse(Callers.wouldRetry(Failure.of(Status.OVERLOADED, status, "r", "m")), "" + status);
    }
    Failure later = Failure.of(Status.THROTTLED, 429, "r", "m");
    assertTrue(Callers.wouldRetry(later.retryAfter(Duration.ofMinutes(2).toNanos())));
    assertFalse(Callers.wouldRetry(later.retryAfter(Duration.ofMinutes(3).toNanos())));
  }
}
