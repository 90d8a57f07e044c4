package dev.forebay.replay.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.replay.live.ClientProof;
import dev.forebay.replay.live.Fidelity;
import dev.forebay.replay.live.LiveCounts;
import dev.forebay.replay.live.LiveReport;
import dev.forebay.replay.run.Comparison;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.replay.trace.SyntheticTrace;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a live comparison, made of rows that virtual time gave. */
class LivePageTest {

  private static final String COMMAND = "./forebay compare tiny --mode live";

  @TempDir private Path folder;

  private Report report(String fault) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("tiny.yaml"),
            """
            synthetic: { seconds: 5, rate-per-second: 8 }
            callers: { retries: 0 }
            fleet: [{ id: node, server: { slots: 8 }, faults: [{ kind: fail, amount: %s }] }]
            combinations:
              random: { gateway: { pipeline: [{ balance: random }] } }
            """
                .formatted(fault));
    Registry registry = Registry.load(getClass().getClassLoader());
    Scenario scenario = ScenarioReader.read(file.toString(), registry, name -> null);
    return new Comparison(scenario, scenario.combinations().subList(0, 2))
        .run(
            seed -> SyntheticTrace.generate(scenario.synthetic(), seed),
            0,
            List.of(1L),
            1,
            (runs, of, run) -> {});
  }

  private static LiveReport live(Report report, double lagMillis) {
    ClientProof proof = new ClientProof("random", 1, 40, 60, lagMillis, 500, 0.25, true, 100, 0.4);
    JsonObject state =
        new JsonObject()
            .put("outcomes", new JsonObject().put("ok", 100))
            .put(
                "counters",
                new JsonObject()
                    .put("gateway.requests{}", 100)
                    .put("default/openai-0.written", 100));
    JsonObject log = new JsonObject().put("started", 100).put("finished", 100);
    LiveCounts.Client client = new LiveCounts.Client(100, 100, new TreeMap<>());
    return new LiveReport(
        report,
        List.of(proof),
        List.of(new LiveCounts("random", 1, client, 100, state, log, false)));
  }

  @Test
  void warningsLeadAndNothingClaimsToBeVirtual() throws IOException {
    LiveReport late = live(report("0"), 5.1);
    String html = ReportPage.of(late, Optional.of(new Fidelity(late, report("0"))), COMMAND);
    int at = 0;
    for (String part :
        List.of(
            "1 seed, live.",
            "<h2>The verdict</h2>",
            "<div class=\"warning\">\n<ul>\n<li>WARNING: the client was late",
            "<p class=\"lead\">",
            "<h2>The figures</h2>",
            "id=\"answered\"",
            "<h2>Virtual time beside it</h2>",
            "<th scope=\"row\">random</th><td>latency mean</td>",
            "<h2>What client, gateway and upstream say of themselves</h2>",
            "<td>5.10 ms</td>",
            "wrote 100 of 0 calls to its upstream, which counted 100",
            "<h2>How to repeat it</h2>",
            "Seeds: 1.",
            COMMAND)) {
      int next = html.indexOf(part, at);
      assertTrue(next >= 0, part);
      at = next;
    }
    assertFalse(html.contains("computed in virtual time"));
    assertFalse(html.contains("--ablate"));
  }

  @Test
  void aRunInTimeHasNoWarning() throws IOException {
    LiveReport live = live(report("0"), 4.9);
    assertEquals(List.of(), live.warnings());
    String html = ReportPage.of(live, Optional.empty(), COMMAND);
    assertFalse(html.contains("WARNING"));
    assertFalse(html.contains("Virtual time beside it"));
    assertFalse(live.table(false, false).contains("digests"));
  }

  /** Else a wrong key and an upstream that is not there are a report without a word of it. */
  @Test
  void nothingAnsweredIsAWarningWithTheReason() throws IOException {
    LiveReport none = live(report("1"), 0);
    assertEquals(
        List.of(
            "nothing was answered, so no time was measured: baseline, seed 1: 40 requests"
                + " (overloaded: 40)",
            "nothing was answered, so no time was measured: random, seed 1: 40 requests"
                + " (overloaded: 40)"),
        none.warnings().stream().map(text -> text.replaceAll("\\b\\d\\d\\b", "40")).toList());
    assertTrue(
        ReportPage.of(none, Optional.empty(), COMMAND).contains("WARNING: nothing was answered"));
  }
}
