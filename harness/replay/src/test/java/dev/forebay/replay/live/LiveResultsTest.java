package dev.forebay.replay.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.run.BenchmarkFigures;
import dev.forebay.replay.run.Lengths;
import dev.forebay.replay.run.Objective;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.Spent;
import dev.forebay.replay.run.Tally;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveResultsTest {

  private static final long MILLI = 1_000_000;
  private static final Objective OBJECTIVE =
      new Objective(Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(5));

  @TempDir private Path folder;

  private static Trace trace(int... outputs) {
    List<TraceRequest> requests = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      requests.add(TraceRequest.of(0, 10, outputs[i]).at(i, i * 100L * MILLI));
    }
    return new Trace("test", null, requests, Set.of(), Set.of(), 0, List.of(), List.of());
  }

  private static JsonObject line(int index, String how, int status) {
    long intended = index * 100L * MILLI;
    return new JsonObject()
        .put("id", "r" + index)
        .put("intended", intended)
        .put("sent", intended + 2 * MILLI)
        .put("end", intended + 500 * MILLI)
        .put("tries", 0)
        .put("written", 1)
        .put("advised", 0)
        .put("misled", 0)
        .put("status", status)
        .put("how", how)
        .put("reason", "")
        .put("tokens", 0)
        .put("tokensFrom", "usage")
        .put("contents", 0)
        .put("gapsMicros", new JsonArray());
  }

  private static JsonObject answered(int index, int tokens, int firstMillis) {
    return line(index, "answered", 200)
        .put("backend", "node")
        .put("first", index * 100L * MILLI + firstMillis * MILLI)
        .put("tokens", tokens)
        .put("contents", tokens);
  }

  private LiveResults results(Trace trace, JsonObject... lines) throws IOException {
    StringBuilder text = new StringBuilder();
    for (JsonObject line : lines) {
      text.append(line.encode()).append('\n');
    }
    text.append("{\"results\":9,\"processorShare\":0.25}\n");
    Path file = folder.resolve("results.jsonl");
    Files.writeString(file, text);
    return new LiveResults(file, trace, new Lengths(trace), true);
  }

  private static Row row(LiveResults results) {
    Tally tally = new Tally(OBJECTIVE);
    results.tell(tally);
    Spent spent = new Spent(0, 0, 0, 0, 0, 0, 0);
    return tally.row(
        "x", 1, results.traffic(), null, spent, Map.of(), new TreeMap<>(), new TreeMap<>());
  }

  @Test
  void whatHttpShowsIsCountedAsInVirtualTime() throws IOException {
    Trace trace = trace(5, 5, 5, 5, 5, 5);
    Row row =
        row(
            results(
                trace,
                answered(0, 5, 100),
                answered(1, 4, 100),
                line(2, "refused", 429).put("reason", "rate_limited"),
                line(3, "refused", 503).put("reason", "queue_full"),
                line(4, "refused", 503).put("reason", "overloaded").put("backend", "node"),
                line(5, "left", 200).put("backend", "node"),
                line(0, "answered", 200).put("id", "w0")));
    assertEquals(6, row.requests());
    assertEquals(1, row.ok());
    assertEquals(Map.of("wrong_length", 1L), row.wrong());
    assertEquals(Map.of("rate_limited", 1L, "queue_full", 1L), row.rejected());
    assertEquals(Map.of("overloaded", 1L, "gave_up", 1L), row.failures());
    assertEquals(row.requests(), row.ok() + row.wrongs() + row.failed() + row.rejections());
  }

  @Test
  void tokensAndGapsAreDefinedAsByVllm() throws IOException {
    Trace trace = trace(5, 1);
    JsonObject first =
        answered(0, 5, 100).put("gapsMicros", JsonArray.of(50_000, 150_000, 0, 200_000));
    BenchmarkFigures figures = row(results(trace, first, answered(1, 1, 300))).benchmark();
    assertEquals(2, figures.completed());
    assertEquals(6, figures.outputTokens());
    // (500 - 100) / (5 - 1); the answer of one token has no TPOT.
    assertEquals(100, figures.perToken().mean(), 1e-6);
    assertEquals(200, figures.firstToken().mean(), 1e-6);
    assertEquals(100, figures.firstToken().deviation(), 1e-6);
    assertEquals(500, figures.endToEnd().median(), 1e-6);
    assertEquals(100, figures.betweenTokens().mean(), 0.5);
    // From the first arrival at 0 to the last end at 600 ms.
    assertEquals(6 / 0.6, figures.outputThroughput(), 1e-6);
    JsonObject json = figures.json();
    assertEquals(100, json.getDouble("mean_tpot_ms"), 1e-6);
    assertEquals(2 / 0.6, json.getDouble("request_goodput"), 1e-6);
    assertEquals(26 / 0.6, json.getDouble("total_token_throughput"), 1e-6);
  }

  @Test
  void aClientThatSendsLateIsDoubted() throws IOException {
    LiveResults results = results(trace(5), answered(0, 5, 100));
    ClientProof late = results.proof("x", 1, 199, 1, 0);
    assertEquals(2, late.lagMillis(), 1e-6);
    assertEquals(0.25, late.processorShare(), 1e-6);
    assertTrue(late.late());
    assertFalse(results.proof("x", 1, 201, 1, 0).late());
  }

  @Test
  void aRequestThatIsMissingIsAFault() {
    assertThrows(IllegalStateException.class, () -> results(trace(5, 5), answered(0, 5, 100)));
  }
}
