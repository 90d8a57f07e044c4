package dev.forebay.replay.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.PublicTraces;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The figures published with the traces, measured again by the readers and the statistics. */
class PublicTracesTest {
  private static final String RATES = "servegen_reason_deepseek-r1_rates.csv.gz";
  private static final String LENGTHS = "servegen_reason_deepseek-r1_lengths.tar.gz";

  @Test
  void azureConversationHasItsPublishedStatistics() {
    Trace trace = open("azure:" + PublicTraces.file("azure_conv.csv.gz"));
    TraceStatistics statistics = TraceStatistics.of(trace);
    assertEquals(19_366, statistics.requests());
    assertEquals(3_502, statistics.spanSeconds(), 0.5);
    assertEquals(5.53, statistics.meanRate(), 0.005);
    assertEquals(1.09, statistics.arrivals().cv(), 0.005);
    assertEquals(1.4, statistics.arrivals().perSecond(), 0.05);
    assertEquals(4.0, statistics.arrivals().per10Seconds(), 0.05);
    assertEquals(20.6, statistics.arrivals().perMinute(), 0.05);
    assertNull(statistics.recorded(), "nothing is spread");
    assertLengths(1155, 1020, 4142, statistics.promptTokens());
    assertLengths(211, 129, 601, statistics.outputTokens());
    assertEquals(EnumSet.of(Carries.LENGTHS), trace.carries());
  }

  @Test
  void mooncakeConversationHasItsPublishedStatistics() {
    Trace trace = open("mooncake:" + PublicTraces.file("mooncake_conversation.jsonl.gz"));
    TraceStatistics statistics = TraceStatistics.of(trace);
    TraceStatistics.Burstiness recorded = statistics.recorded();
    assertNotNull(recorded, "recorded in steps of 3 s");
    assertEquals(12_031, statistics.requests());
    assertEquals(3_537, statistics.spanSeconds(), 0.5);
    assertEquals(3.40, statistics.meanRate(), 0.005);
    assertEquals(3.03, recorded.cv(), 0.005);
    assertEquals(7.9, recorded.perSecond(), 0.05);
    assertEquals(2.1, recorded.per10Seconds(), 0.05);
    // 2.846 with the last window, which is cut, and 2.895 without it: published as 2.9.
    assertEquals(2.85, recorded.perMinute(), 0.005);
    assertTrue(statistics.arrivals().cv() < 1.3, "spread: " + statistics.arrivals());
    assertLengths(12_035, 6_909, 85_400, statistics.promptTokens());
    assertLengths(343, 350, 1_119, statistics.outputTokens());
  }

  @Test
  void mooncakeConversationHasItsPublishedPrefixes() {
    Trace trace = open("mooncake:" + PublicTraces.file("mooncake_conversation.jsonl.gz"));
    TraceStatistics statistics = TraceStatistics.of(trace);
    TraceStatistics.Prefixes prefixes = statistics.prefixes();
    assertNotNull(prefixes);
    assertEquals(0.37, prefixes.reusedTokens(), 0.005);
    assertEquals(1, prefixes.firstBlockShared(), 1.5 / 12_031, "all but the very first");
    assertEquals(0.39, prefixes.twoBlocksShared(), 0.005);
    assertEquals(0.01, statistics.exactRepeats(), 0.005);
    assertEquals(
        EnumSet.of(Carries.LENGTHS, Carries.PREFIX, Carries.PROMPT_IDENTITY), trace.carries());
  }

  @Test
  void serveGenDayHasItsPublishedStatistics() {
    String spec = "servegen:" + PublicTraces.file(RATES) + "," + PublicTraces.file(LENGTHS);
    Trace trace = open(spec);
    TraceStatistics statistics = TraceStatistics.of(trace);
    assertEquals(1_383_669, statistics.requests(), 100);
    assertEquals(86_400, statistics.spanSeconds(), 10);
    assertEquals(16.0, statistics.meanRate(), 0.05);
    TraceStatistics.Tenants tenants = statistics.tenants();
    assertNotNull(tenants);
    assertEquals(73, tenants.count(), 3);
    assertEquals(0.29, tenants.largest(), 0.005);
    assertEquals(0.68, tenants.tenLargest(), 0.005);
    assertWithin(0.03, 1_268, statistics.promptTokens().mean());
    assertWithin(0.03, 208, statistics.promptTokens().p50());
    assertWithin(0.03, 23_423, statistics.promptTokens().p99());
    assertWithin(0.03, 1_527, statistics.outputTokens().mean());
    assertWithin(0.03, 792, statistics.outputTokens().p50());
    assertWithin(0.03, 12_607, statistics.outputTokens().p99());
    long[] perWindow = new long[144];
    trace
        .requests()
        .forEach(r -> perWindow[(int) Math.min(143, r.arrivalNanos() / 600_000_000_000L)]++);
    long least = Arrays.stream(perWindow).min().orElseThrow();
    long most = Arrays.stream(perWindow).max().orElseThrow();
    assertWithin(0.05, 4.3, least / 600.0);
    assertWithin(0.05, 42.5, most / 600.0);
  }

  @Test
  void serveGenStartsTheSameWhateverTheLimit() {
    String spec = "servegen:" + PublicTraces.file(RATES) + "," + PublicTraces.file(LENGTHS);
    List<TraceRequest> few = TraceFormats.open(spec, 1_000, 7).requests();
    List<TraceRequest> more = TraceFormats.open(spec, 20_000, 7).requests();
    assertEquals(1_000, few.size());
    assertEquals(few, more.subList(0, 1_000));
  }

  private static Trace open(String spec) {
    return TraceFormats.open(spec, TraceFormats.ALL, 1);
  }

  private static void assertLengths(
      double mean, double p50, double p99, TraceStatistics.Lengths lengths) {
    assertEquals(mean, lengths.mean(), 0.5, "mean");
    assertEquals(p50, lengths.p50(), 0.5, "p50");
    assertEquals(p99, lengths.p99(), 0.5, "p99");
  }

  private static void assertWithin(double share, double expected, double actual) {
    assertEquals(expected, actual, expected * share);
  }
}
