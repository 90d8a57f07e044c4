package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a comparison says in words. */
class VerdictsTest {

  @TempDir private Path folder;

  /** One server that has room for one: either its queue is full, or that of the gateway. */
  @Test
  void aFullQueueIsToldApartByWhoseItIs() {
    Scenario scenario =
        Bench.scenario(
            folder,
            Bench.REGISTRY,
            """
            fleet: [{ server: { slots: 1, queue-capacity: 0 } }]
            combinations:
              servers: { gateway: { pipeline: [{ balance: least-connections }] } }
              gateways:
                gateway:
                  pipeline:
                    - admit: { limit: { plugin: fixed, limit: 1 }, queue: { plugin: fifo, capacity: 1 } }
                    - balance: round-robin
            """);
    Report report =
        new Comparison(scenario, scenario.combinations())
            .run(seed -> trace(at(0), at(0), at(0), at(0)), 0, List.of(1L), 1, (n, of, run) -> {});
    List<String> verdicts = Verdicts.of(report);
    assertTrue(said(verdicts, "servers").contains("loses most by queue_full at a server ("));
    assertTrue(said(verdicts, "gateways").contains("loses most by queue_full ("));
  }

  private static String said(List<String> verdicts, String combination) {
    return verdicts.stream()
        .filter(verdict -> verdict.startsWith(combination + ": "))
        .findFirst()
        .orElseThrow(() -> new AssertionError(verdicts));
  }
}
