package dev.forebay.replay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveModeTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), arguments);
  }

  /**
   * Patient callers, who on a busy machine are answered, too, only later, and some who leave long
   * before an answer can be complete.
   */
  private static final String PATIENT =
      """
      like: fidelity
      synthetic:
        rate-per-second: 60
        output-tokens-mean: 20
        output-tokens-median: 19
        hurried-share: 0.2
        hurried-seconds: 0.2
      objective: { patience: 300s }
      combinations: { baseline: { gateway: { pipeline: [{ balance: round-robin }] } } }
      """;

  @TempDir private Path folder;

  /** Three processes beside this one, for a second of traffic after the warm-up. */
  @Test
  void clientGatewayAndUpstreamCountTheSameRequests() throws IOException {
    Path scenario = folder.resolve("patient.yaml");
    Files.writeString(scenario, PATIENT);
    int code =
        run(
            "compare",
            scenario.toString(),
            "--mode=both",
            "--combination=baseline",
            "--requests=60",
            "--warm-up=1",
            "--format=json");
    assertEquals(Main.OK, code, () -> err + "" + out);
    JsonObject report = new JsonObject(out.toString());
    assertEquals("both", report.getString("mode"));
    JsonObject row = report.getJsonArray("rows").getJsonObject(0);
    long left = sum(row.getJsonObject("failures"), "gave_up");
    assertTrue(left > 0, row::encode);
    assertEquals(60, row.getLong("ok") + left, row::encode);
    assertEquals(0, row.getLong("wrong"), row::encode);
    JsonObject client = report.getJsonArray("client").getJsonObject(0);
    long all = 60 + client.getLong("warmUps");
    JsonObject counts = report.getJsonArray("counts").getJsonObject(0);
    assertTrue(counts.getBoolean("agree"), counts::encode);
    JsonObject requests = counts.getJsonObject("requests");
    for (String who : List.of("gatling", "sent", "gateway", "gatewayMetrics")) {
      assertEquals(all, requests.getLong(who), counts::encode);
    }
    assertEquals(all, counts.getJsonObject("calls").getLong("gateway"), counts::encode);
    long finished = counts.getJsonObject("upstream").getLong("finished");
    assertTrue(finished >= row.getLong("ok"), counts::encode);
    long gateway = sum(row.getJsonObject("plugin"), "gateway.tenant_requests{tenant=tenant-");
    assertEquals(60, gateway, row::encode);
    assertEquals(9, report.getJsonArray("fidelity").size());
    JsonObject virtual = report.getJsonObject("virtual").getJsonArray("rows").getJsonObject(0);
    assertEquals(60 - left, virtual.getLong("ok"));
  }

  private static long sum(JsonObject counters, String beginning) {
    return counters.stream()
        .filter(counter -> counter.getKey().startsWith(beginning))
        .mapToLong(counter -> ((Number) counter.getValue()).longValue())
        .sum();
  }

  @Test
  void whatLiveModeHasNotIsRefused() {
    assertEquals(Main.WRONG_INPUT, run("compare", "fidelity", "--mode=fast"));
    assertTrue(err.toString().contains("--mode: fast (expected: virtual, live or both)"));
    assertEquals(Main.WRONG_INPUT, run("compare", "scale-out", "--mode=live"));
    assertTrue(err.toString().contains("join or leave"), err::toString);
    assertEquals(Main.WRONG_INPUT, run("compare", "fidelity", "--mode=live", "--ablate"));
  }
}
