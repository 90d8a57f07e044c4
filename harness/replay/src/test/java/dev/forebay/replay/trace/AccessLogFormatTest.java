package dev.forebay.replay.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogFormatTest {

  private static final long MILLI = 1_000_000;

  @TempDir private Path folder;

  private Trace read(String... lines) throws IOException {
    Path file = Files.writeString(folder.resolve("access.jsonl"), String.join("\n", lines) + "\n");
    return TraceFormats.open("access-log:" + file, TraceFormats.ALL, 1);
  }

  private static String line(String time, double latency, String status, int tokens, String more) {
    return """
    {"time":"2026-01-05T00:00:%sZ","tenant":"acme","operation":"chat","model":"m","stream":true,\
    "status":"%s","prompt_tokens":100,"completion_tokens":%d,"latency_ms":%s%s}\
    """
        .formatted(time, status, tokens, latency, more);
  }

  @Test
  void requestsArriveWhenTheyDidAndNotWhenTheyWereOver() throws IOException {
    Trace trace = read(line("03.500", 500.25, "ok", 7, ""), line("04.000", 3000, "ok", 9, ""));
    assertEquals(List.of(9, 7), trace.requests().stream().map(TraceRequest::outputTokens).toList());
    assertEquals(1999.75 * MILLI, trace.requests().get(1).arrivalNanos(), 1);
    assertEquals("acme", trace.requests().get(0).tenant());
    assertEquals(EnumSet.of(Carries.LENGTHS, Carries.TENANT, Carries.MODEL), trace.carries());
  }

  @Test
  void callersWhoLeftLeaveAgainAndTheirAnswersAreAsLongAsOthers() throws IOException {
    Trace trace =
        read(
            line("01.000", 10, "ok", 30, ""),
            line("02.000", 10, "ok", 5, ""),
            line("03.000", 400, "cancelled", 20, ",\"patience_ms\":9000"),
            line("04.000", 1, "refused", 0, ",\"patience_ms\":9000"));
    TraceRequest left = trace.requests().get(2);
    assertEquals(400 * MILLI, left.patienceNanos());
    assertEquals(30, left.outputTokens(), "the only one that is not shorter");
    TraceRequest refused = trace.requests().get(3);
    assertEquals(9000 * MILLI, refused.patienceNanos());
    assertTrue(List.of(5, 30).contains(refused.outputTokens()), refused::toString);
    assertTrue(trace.notes().get(0).startsWith("2 answers were not complete"), trace::toString);
  }

  @Test
  void whatWasAddedForAReplayIsRead() throws IOException {
    String said = ",\"priority\":0,\"session\":\"s\",\"prompt\":\"%s\",\"prefix\":[-4,%d]";
    Trace trace =
        read(
            line("01.000", 500, "ok", 30, said.formatted("aa", 5)),
            line("03.000", 1000, "ok", 30, said.formatted("bb", 6)),
            line("04.000", 100, "ok", 30, said.formatted("aa", 5)));
    TraceRequest first = trace.requests().get(0);
    TraceRequest second = trace.requests().get(1);
    assertEquals(0, first.priority());
    assertEquals(first.promptId(), trace.requests().get(2).promptId());
    assertNotEquals(first.promptId(), second.promptId());
    assertEquals(first.prefix().get(0), second.prefix().get(0));
    assertEquals(512, trace.blockTokens());
    assertEquals(1, second.turn());
    assertEquals(1000 * MILLI, second.thinkNanos(), "from 1 s, its end, to 2 s");
    assertTrue(
        trace
            .carries()
            .containsAll(
                EnumSet.of(
                    Carries.SESSION, Carries.PROMPT_IDENTITY, Carries.PREFIX, Carries.PRIORITY)));
  }

  @Test
  void warmUpAndEmbeddingsAreLeftOut() throws IOException {
    Trace trace =
        read(
            line("01.000", 500, "ok", 30, "").replace("acme", AccessLogFormat.WARM_UP),
            line("02.000", 500, "ok", 30, "").replace("chat", "embedding"),
            line("03.000", 500, "ok", 30, ""));
    assertEquals(1, trace.requests().size());
    assertTrue(trace.notes().get(0).startsWith("2 lines"), trace::toString);
  }

  @Test
  void aLineWithoutATimeIsNamed() {
    TraceException thrown =
        assertThrows(
            TraceException.class, () -> read(line("01.000", 1, "ok", 1, "").replace("05T", "05U")));
    assertTrue(String.valueOf(thrown.getMessage()).contains(":1: time:"), thrown.getMessage());
  }
}
