package dev.forebay.replay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LiveModeTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), arguments);
  }

  /** Three processes beside this one, for two seconds of traffic and as much of warm-up. */
  @Test
  void clientGatewayAndUpstreamCountTheSameRequests() {
    int code =
        run(
            "compare",
            "fidelity",
            "--mode=both",
            "--combination=baseline",
            "--requests=60",
            "--format=json");
    assertEquals(Main.OK, code, () -> err + "" + out);
    JsonObject report = new JsonObject(out.toString());
    assertEquals("both", report.getString("mode"));
    JsonObject row = report.getJsonArray("rows").getJsonObject(0);
    assertEquals(60, row.getLong("ok"), row::encode);
    assertEquals(0, row.getLong("wrong"), row::encode);
    JsonObject client = report.getJsonArray("client").getJsonObject(0);
    long warmUps = client.getLong("warmUps");
    assertEquals(60 + warmUps, client.getLong("gatlingCount"));
    JsonObject counts = report.getJsonArray("counts").getJsonObject(0);
    long outcomes =
        counts.getJsonObject("gateway").stream()
            .mapToLong(outcome -> ((Number) outcome.getValue()).longValue())
            .sum();
    assertEquals(60 + warmUps, outcomes, counts::encode);
    assertEquals(60, counts.getJsonObject("upstream").getLong("finished"), counts::encode);
    JsonObject sent = row.getJsonObject("byBackend");
    long atServers =
        sent.stream().mapToLong(server -> ((Number) server.getValue()).longValue()).sum();
    assertEquals(60, atServers, sent::encode);
    JsonArray fidelity = report.getJsonArray("fidelity");
    assertEquals(9, fidelity.size());
    JsonObject virtual = report.getJsonObject("virtual").getJsonArray("rows").getJsonObject(0);
    assertEquals(60, virtual.getLong("ok"));
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
