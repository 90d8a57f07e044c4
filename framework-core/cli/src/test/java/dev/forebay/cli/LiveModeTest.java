package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
import dev.forebay.replay.trace.TraceRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveModeTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), arguments);
  }

  @TempDir private Path folder;

  /** Three processes beside this one, for a second of traffic after the warm-up. */
  @Test
  void clientGatewayAndUpstreamCountTheSameRequests() throws IOException {
    Path scenario = folder.resolve("patient.yaml");
    Path log = folder.resolve("access.jsonl");
    Files.writeString(scenario, patient(log));
    int code =
        run(
            "compare",
            scenario.toString(),
            "--mode=both",
            "--combination=baseline",
            "--requests=60",
            "--warm-up=1",
            "--out=" + folder.resolve("out"),
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
    assertEquals(
        counts.getJsonObject("calls").getLong("written"),
        counts.getJsonObject("calls").getLong("upstream"),
        counts::encode);
    long finished = counts.getJsonObject("upstream").getLong("finished");
    assertTrue(finished >= row.getLong("ok"), counts::encode);
    long gateway = sum(row.getJsonObject("plugin"), "gateway.tenant_requests{tenant=tenant-");
    assertEquals(60, gateway, row::encode);
    assertEquals(9, report.getJsonArray("fidelity").size());
    JsonObject virtual = report.getJsonObject("virtual").getJsonArray("rows").getJsonObject(0);
    assertEquals(60 - left, virtual.getLong("ok"));
    String page = Files.readString(folder.resolve("out/index.html"));
    assertTrue(page.contains("<h2>Virtual time beside it</h2>"));
    isReplayed(scenario, log, row);
  }

  /** The gateway's own log is the same traffic: tenants, lengths, and callers that left. */
  private void isReplayed(Path scenario, Path log, JsonObject row) {
    Trace trace = TraceFormats.open("access-log:" + log, TraceFormats.ALL, 1);
    assertEquals(60, trace.requests().size());
    long left = trace.requests().stream().filter(LiveModeTest::leavesEarly).count();
    assertTrue(left >= sum(row.getJsonObject("failures"), "gave_up"), trace::toString);
    JsonObject tenants = row.getJsonObject("byTenant");
    for (String tenant : tenants.fieldNames()) {
      long own = trace.requests().stream().filter(one -> tenant.equals(one.tenant())).count();
      assertEquals(tenants.getJsonObject(tenant).getLong("requests"), own, tenant);
    }
    out.getBuffer().setLength(0);
    String recording = "--trace=access-log:" + log;
    int code = run("compare", scenario.toString(), recording, "--seeds=1", "--format=json");
    assertEquals(Main.OK, code, () -> err + "" + out);
    JsonObject replayed = new JsonObject(out.toString()).getJsonArray("rows").getJsonObject(0);
    assertEquals(60, replayed.getLong("requests"), replayed::encode);
    assertEquals(0, replayed.getLong("wrong"), replayed::encode);
  }

  private static boolean leavesEarly(TraceRequest request) {
    return request.patienceNanos() < TimeUnit.SECONDS.toNanos(300);
  }

  /**
   * Patient callers, who on a busy machine are answered, too, only later, and some who leave long
   * before an answer can be complete.
   *
   * @param log of the gateway
   */
  private static String patient(Path log) {
    return """
    like: fidelity
    synthetic:
      rate-per-second: 60
      output-tokens-mean: 30
      output-tokens-median: 29
      hurried-share: 0.2
      hurried-seconds: 0.4
    objective: { patience: 300s }
    combinations:
      baseline:
        gateway:
          pipeline: [{ access-log: { file: "%s", replay: true } }, { balance: round-robin }]
    """
        .formatted(log);
  }

  private static long sum(JsonObject counters, String beginning) {
    return counters.stream()
        .filter(counter -> counter.getKey().startsWith(beginning))
        .mapToLong(counter -> ((Number) counter.getValue()).longValue())
        .sum();
  }

  @Test
  void whatLiveModeHasNotIsRefused() {
    refused("--mode: fast (expected: virtual, live or both)", "fidelity", "--mode=fast");
    refused("join or leave", "scale-out", "--mode=live");
    refused("--ablate", "fidelity", "--mode=live", "--ablate");
  }

  private void refused(String because, String... arguments) {
    err.getBuffer().setLength(0);
    List<String> words = new ArrayList<>(List.of("compare"));
    words.addAll(List.of(arguments));
    assertEquals(Main.WRONG_INPUT, run(words.toArray(String[]::new)), words::toString);
    assertTrue(err.toString().contains(because), err::toString);
    assertEquals(1, err.toString().lines().count(), err::toString);
    assertEquals("", out.toString());
  }

  /** Nobody looks for what an option did that did nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"--duration=5", "--warm-up=1", "--keep=runs", "--model=gpt"})
  void whatVirtualTimeHasNotIsRefused(String option) {
    String name = option.substring(0, option.indexOf('='));
    refused(
        name + ": with --mode virtual (expected: --mode live or both)",
        "fidelity",
        "--combination=baseline",
        "--requests=1",
        option);
  }

  /** Before a minute has passed in which all requests fail. */
  @Test
  void whatCannotBeUsedIsRefusedAtOnce() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    refused("--keep: " + file + " cannot", "fidelity", "--mode=live", "--keep=" + file);
    refused("--model: gpt (expected: --upstream", "fidelity", "--mode=both", "--model=gpt");
    refused("--upstream: with --mode virtual", "fidelity", "--upstream=http://127.0.0.1:1");
    refused(
        "--upstream: no HTTP URL (expected", "fidelity", "--mode=live", "--upstream=http://a b");
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    String url = "http://127.0.0.1:" + free + "/v1";
    refused(
        "--upstream: no connection to 127.0.0.1:" + free + ": Connection refused (expected: a",
        "fidelity",
        "--mode=live",
        "--upstream=" + url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"how\":\"answered\"}",
        "{\"how\":1,\"gapsMicros\":[]}",
        "{\"how\":\"answered\",\"tries\":0,\"gapsMicros\":[1]}",
        "{\"how\":\"answered\",\"gapsMicros\":[\"x\"]}"
      })
  void calibrationOfOtherLinesIsRefused(String line) throws IOException {
    Path file = Files.writeString(folder.resolve("other.jsonl"), line + "\n");
    assertEquals(Main.WRONG_INPUT, run("calibrate", file.toString()));
    assertEquals(
        "forebay: " + file + ": a line without times (expected: what --keep wrote)\n",
        err.toString());
  }
}
