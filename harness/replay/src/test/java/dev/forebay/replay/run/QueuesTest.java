package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.SyntheticTrace;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What queues are worth, on traffic for which the order of arrival is the wrong one. */
class QueuesTest {

  private static final String FLEET =
      """
      objective: { patience: 15s, first-content: 3s, total: 8s }
      fleet:
        - { id: node, count: 4, server: { slots: 8, decode-step-millis: 12, queue-capacity: 1024,
            decode-step-millis-per-request: 0.5, prefill-tokens-per-second: 9200,
            tokens-per-chunk: 16, prefix-cache-blocks: 0 } }
      """;

  private static final String TRAFFIC =
      """
      prompt-tokens-mean: 300
        prompt-tokens-median: 200
        prompt-tokens-max: 2000
        output-tokens-mean: 60
        output-tokens-median: 45
        output-tokens-max: 300
      """;

  @TempDir private Path folder;

  private Map<String, Row> rows(String synthetic, String... queues) {
    StringBuilder text = new StringBuilder("synthetic:\n  ").append(synthetic).append("\n  ");
    text.append(TRAFFIC).append(FLEET).append("combinations:\n");
    for (int i = 0; i < queues.length; i++) {
      text.append("  q").append(i).append(": { gateway: { pipeline: [{ admit: { limit: ");
      text.append("{ plugin: fixed, limit: 32 }, queue: ").append(queues[i]);
      text.append(" } }, { balance: least-connections }] } }\n");
    }
    Scenario scenario = Bench.scenario(folder, Bench.REGISTRY, text.toString());
    List<Combination> chosen =
        scenario.combinations().stream().filter(each -> each.name().matches("q\\d")).toList();
    Report report =
        new Comparison(scenario, chosen)
            .run(
                seed -> SyntheticTrace.generate(scenario.synthetic(), seed),
                0,
                List.of(1L),
                1,
                (runs, of, done) -> {});
    assertTrue(report.failed().isEmpty(), report.failed().toString());
    Map<String, Row> rows = new HashMap<>();
    report
        .cells()
        .forEach(
            cell ->
                cell.rows()
                    .forEach(
                        row ->
                            rows.put(
                                queues[Integer.parseInt(row.combination().substring(1))], row)));
    return rows;
  }

  private static Row row(Map<String, Row> rows, String queue) {
    return Objects.requireNonNull(rows.get(queue), queue);
  }

  /** Half as much again as the fleet can do: in the order of arrival, answers are late. */
  @Test
  void underSustainedOverloadCodelAndAdaptiveLifoAnswerMoreInTimeThanFifo() {
    Map<String, Row> rows =
        rows("seconds: 60\n  rate-per-second: 39", "fifo", "codel", "adaptive-lifo");
    double fifo = row(rows, "fifo").goodput();
    for (String queue : List.of("codel", "adaptive-lifo")) {
      Row row = row(rows, queue);
      assertTrue(row.goodput() >= 1.5 * fifo, queue + ": " + row.goodput() + ", fifo: " + fifo);
      assertEquals(0, row.needless(), queue);
    }
  }

  /**
   * One of 20 tenants asks for more than the fleet can do, the others for a little: these are to be
   * answered as if there were no such neighbour.
   */
  @Test
  void aNoisyNeighbourCostsOthersNothingIfSharesAreFair() {
    String noisy = "seconds: 60\n  rate-per-second: 60\n  tenants: 20\n  tenant-skew: 3";
    String fair = "{ plugin: codel, within: fair }";
    Map<String, Row> rows = rows(noisy, "fifo", "codel", fair);
    assertTrue(row(rows, fair).fairness() >= 0.95, "fair: " + row(rows, fair).fairness());
    assertTrue(row(rows, "codel").fairness() < 0.9, "codel: " + row(rows, "codel").fairness());
  }
}
