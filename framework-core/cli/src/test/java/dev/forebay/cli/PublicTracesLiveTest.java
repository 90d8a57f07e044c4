package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.PublicTraces;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first requests of real traffic in both modes; skipped without the traces. */
class PublicTracesLiveTest {

  private static final int REQUESTS = 10;

  /** Patient callers, so that each is answered on a busy machine, too. */
  private static final String SCENARIO =
      """
      about: Recorded requests to fast servers, by patient callers.
      objective: { patience: 300s }
      fleet:
        - id: node
          count: 2
          server: { decode-step-millis: 1, prefill-tokens-per-second: 1000000, tokens-per-chunk: 64 }
      combinations:
        baseline: { gateway: { pipeline: [{ balance: prefix-affinity }] } }
      """;

  @TempDir private Path folder;

  @Test
  void azure() throws IOException {
    isAnsweredInBothModes("azure:" + PublicTraces.file("azure_conv.csv.gz"));
  }

  @Test
  void mooncake() throws IOException {
    isAnsweredInBothModes("mooncake:" + PublicTraces.file("mooncake_conversation.jsonl.gz"));
  }

  @Test
  void servegen() throws IOException {
    isAnsweredInBothModes(
        "servegen:"
            + PublicTraces.file("servegen_reason_deepseek-r1_rates.csv.gz")
            + ","
            + PublicTraces.file("servegen_reason_deepseek-r1_lengths.tar.gz"));
  }

  private void isAnsweredInBothModes(String trace) throws IOException {
    Path scenario = folder.resolve("recorded.yaml");
    Files.writeString(scenario, SCENARIO);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out),
            new PrintWriter(err, true),
            Map.of(),
            "compare",
            scenario.toString(),
            "--mode=both",
            "--combination=baseline",
            "--trace=" + trace,
            "--requests=" + REQUESTS,
            "--speed=4",
            "--warm-up=0",
            "--format=json");
    assertEquals(Main.OK, code, err::toString);
    JsonObject live = new JsonObject(out.toString());
    areAnswered(live);
    areAnswered(live.getJsonObject("virtual"));
    JsonObject counts = live.getJsonArray("counts").getJsonObject(0);
    assertTrue(counts.getBoolean("agree"), counts::encode);
    assertEquals(REQUESTS, counts.getJsonObject("calls").getLong("upstream"), counts::encode);
  }

  private static void areAnswered(JsonObject report) {
    JsonObject row = report.getJsonArray("rows").getJsonObject(0);
    assertEquals(REQUESTS, row.getLong("ok"), row::encode);
    assertEquals(0, row.getLong("wrong"), row::encode);
  }
}
