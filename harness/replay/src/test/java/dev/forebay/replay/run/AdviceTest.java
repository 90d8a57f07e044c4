package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How true a {@code Retry-After} is, by callers who come again at the moment that it names. */
class AdviceTest {

  @TempDir private Path folder;

  /** One caller of a key who asks as fast as it may: its advice is right in 95 of 100 cases. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ plugin: token-bucket, per: tenant, rate: 2, burst: 1 }",
        "{ plugin: token-bucket, per: tenant, rate: 0.7, burst: 3 }",
        "{ plugin: token-bucket, of: tokens, per: tenant, rate: 200, burst: 400 }",
        "{ plugin: sliding-window, per: tenant, limit: 3, window: 2s }",
        "{ plugin: limits, each: [{ plugin: token-bucket, per: tenant, rate: 2, burst: 1 },"
            + " { plugin: sliding-window, per: tenant, limit: 5, window: 10s }] }",
      })
  void aSingleCallerWhoComesWhenItIsToldToIsAdmitted(String limit) {
    TraceRequest[] turns = new TraceRequest[100];
    for (int i = 0; i < turns.length; i++) {
      turns[i] = at(0).from("alone", null).inSession("s", i, 50_000_000);
    }
    Row row = run(limit, trace(turns));
    Advice advice = row.advice();
    assertTrue(advice.followed() >= 30, limit + ": " + advice);
    assertTrue(advice.wrong() <= 0.05 * advice.followed(), limit + ": " + advice);
    assertEquals(100, row.ok(), limit + ": " + row);
  }

  /** Ten callers of one key hear the same moment: one of them is right, nine hear another. */
  @Test
  void aCrowdThatComesAtOneMomentIsMostlyMisled() {
    TraceRequest[] crowd = new TraceRequest[11];
    for (int i = 0; i < crowd.length; i++) {
      crowd[i] = at(i == 0 ? 0 : 1).from("crowd", null);
    }
    Row row = run("{ plugin: token-bucket, per: tenant, rate: 1, burst: 1 }", trace(crowd));
    // Ten come again after a second, nine after another, and so on.
    assertEquals(new Advice(10 + 9 + 8 + 7 + 6, 9 + 8 + 7 + 6 + 5), row.advice());
    assertEquals(35 / 40.0, row.advice().wrongShare(), 1e-9);
    assertEquals(6, row.ok());
    assertEquals(new Served(11, 6, 5, 5), row.byTenant().get("crowd"));
  }

  private Row run(String limit, Trace trace) {
    String text =
        Bench.FLEET
            + "callers: { retries: 5 }\n"
            + "combinations: { it: { gateway: { pipeline: [{ rate-limit: { by: "
            + limit
            + " } }, { balance: round-robin }] } } }\n";
    Scenario scenario = Bench.scenario(folder, Bench.REGISTRY, text);
    return new Comparison(scenario, scenario.combinations().subList(1, 2))
        .run(seed -> trace, 0, List.of(1L), 1, (runs, of, done) -> {})
        .cells()
        .get(0)
        .rows()
        .get(0);
  }
}
