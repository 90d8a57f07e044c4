package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.PublicTraces;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The built-in scenario on real traffic; skipped where the public traces are not there. */
class PublicTracesCompareTest {

  @Test
  void azure() {
    JsonObject report = compare("azure:" + PublicTraces.file("azure_conv.csv.gz"), 1);
    assertEquals(
        "[\"tenant\",\"prompt identity\",\"priority\"]",
        report.getJsonObject("trace").getJsonArray("synthetic").encode());
  }

  @Test
  void mooncake() {
    String trace = "mooncake:" + PublicTraces.file("mooncake_conversation.jsonl.gz");
    JsonObject report = compare(trace, 1);
    assertTrue(report.getJsonArray("notes").contains("sessions inferred from prefixes that grow"));
    assertEquals(report.getJsonArray("rows"), compare(trace, 1).getJsonArray("rows"));
    assertNotEquals(
        report.getJsonArray("rows").getJsonObject(0).getString("digest"),
        compare(trace, 2).getJsonArray("rows").getJsonObject(0).getString("digest"));
  }

  @Test
  void servegen() {
    JsonObject report =
        compare(
            "servegen:"
                + PublicTraces.file("servegen_reason_deepseek-r1_rates.csv.gz")
                + ","
                + PublicTraces.file("servegen_reason_deepseek-r1_lengths.tar.gz"),
            1);
    String synthetic = report.getJsonObject("trace").getJsonArray("synthetic").encode();
    assertTrue(synthetic.contains("\"prompt identity\",\"priority\""), synthetic);
    assertTrue(!synthetic.contains("tenant"), "clients are tenants: " + synthetic);
  }

  private static JsonObject compare(String trace, int seed) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out),
            new PrintWriter(err, true),
            Map.of(),
            "compare",
            "--trace",
            trace,
            "--limit",
            "500",
            "--seeds",
            "1",
            "--seed",
            String.valueOf(seed),
            "--combination",
            "everything",
            "--format",
            "json");
    assertEquals(0, code, err.toString());
    JsonObject report = new JsonObject(out.toString());
    assertEquals(2, report.getJsonArray("rows").size(), "the baseline beside it; none is skipped");
    for (Object row : report.getJsonArray("rows")) {
      assertEquals(500, ((JsonObject) row).getInteger("requests"));
      assertTrue(((JsonObject) row).getInteger("ok") > 0, row.toString());
    }
    return report;
  }
}
