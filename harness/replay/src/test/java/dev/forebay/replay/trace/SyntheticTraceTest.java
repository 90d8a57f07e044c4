package dev.forebay.replay.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.RequestInfo;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticTraceTest {
  private static final SyntheticOptions MANY =
      SyntheticOptions.defaults().with("requests", 50_000).with("seconds", 0);

  @Test
  void isTheSameForTheSameSeedOnly() {
    SyntheticOptions options =
        SyntheticOptions.defaults().with("sessionShare", 0.2).with("tenants", 5);
    assertEquals(SyntheticTrace.generate(options, 3), SyntheticTrace.generate(options, 3));
    assertNotEquals(
        SyntheticTrace.generate(options, 3).requests(),
        SyntheticTrace.generate(options, 4).requests());
  }

  @Test
  void drawsTheSameOnEveryMachine() {
    TraceRequest tenth = SyntheticTrace.generate(MANY, 1).requests().get(10);
    assertEquals(
        "827463268 1201 310",
        tenth.arrivalNanos() + " " + tenth.promptTokens() + " " + tenth.outputTokens());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 1, 3})
  void arrivesAtItsRateAsBurstyAsAsked(double burstiness) {
    Trace trace = SyntheticTrace.generate(MANY.with("burstiness", burstiness), 1);
    TraceStatistics statistics = TraceStatistics.of(trace);
    assertEquals(50_000, statistics.requests());
    assertEquals(10, statistics.meanRate(), 0.03 * 10 * Math.max(1, burstiness));
    assertEquals(burstiness, statistics.arrivals().cv(), 0.05 * burstiness);
  }

  @Test
  void endsAfterItsSeconds() {
    Trace trace = SyntheticTrace.generate(SyntheticOptions.defaults(), 1);
    assertEquals(600, trace.spanSeconds(), 2);
    assertEquals(6_000, trace.requests().size(), 250);
  }

  @Test
  void drawsLengthsNearTheirMeanAndMedian() {
    TraceStatistics statistics = TraceStatistics.of(SyntheticTrace.generate(MANY, 1));
    assertEquals(1_155, statistics.promptTokens().mean(), 15);
    assertEquals(1_020, statistics.promptTokens().p50(), 15);
    assertEquals(129, statistics.outputTokens().p50(), 3);
    assertEquals(1_000, statistics.outputTokens().max(), "cut at the longest answer");
  }

  @Test
  void crowdsInsideBursts() {
    SyntheticOptions options =
        SyntheticOptions.defaults()
            .with("burstFactor", 5)
            .with("burstGapSeconds", 100)
            .with("burstSeconds", 50);
    List<TraceRequest> requests = SyntheticTrace.generate(options, 1).requests();
    double inside =
        requests.stream().filter(r -> r.arrivalNanos() / 1e9 % 150 >= 100).count() / 200.0;
    double outside =
        requests.stream().filter(r -> r.arrivalNanos() / 1e9 % 150 < 100).count() / 400.0;
    assertEquals(50, inside, 3);
    assertEquals(10, outside, 1);
  }

  @Test
  void decidesLengthsByThePrompt() {
    Trace trace = SyntheticTrace.generate(MANY.with("popularShare", 0.6), 1);
    Map<Long, TraceRequest> first = new HashMap<>();
    for (TraceRequest request : trace.requests()) {
      TraceRequest same = first.putIfAbsent(request.promptId(), request);
      if (same != null) {
        assertEquals(same.promptTokens(), request.promptTokens());
        assertEquals(same.outputTokens(), request.outputTokens());
        assertEquals(same.prefix(), request.prefix());
      }
    }
    assertEquals(0.58, TraceStatistics.of(trace).exactRepeats(), 0.01, "all but the 1,000 first");
  }

  @Test
  void makesPromptsAsPopularAsTheirRank() {
    SyntheticOptions options =
        MANY.with("popularShare", 1).with("popularPrompts", 2).with("popularSkew", 2);
    List<TraceRequest> requests = SyntheticTrace.generate(options, 1).requests();
    long first = requests.stream().filter(r -> r.promptId() == 0).count();
    assertEquals(0.8, first / 50_000.0, 0.01, "1 to 1/4");
  }

  @Test
  void sharesSystemPromptsAndNothingElse() {
    SyntheticOptions options =
        MANY.with("requests", 2_000).with("systemPrompts", 3).with("systemPromptTokens", 512);
    Trace trace = SyntheticTrace.generate(options, 1);
    TraceStatistics.Prefixes prefixes = TraceStatistics.of(trace).prefixes();
    assertNotNull(prefixes);
    assertEquals(1, prefixes.twoBlocksShared(), 3 / 2_000.0 + 1e-9);
    double prompt = TraceStatistics.of(trace).promptTokens().mean();
    assertEquals(512 / prompt, prefixes.reusedTokens(), 0.005);
  }

  @Test
  void sharesRequestsBetweenTenantsAndPriorities() {
    SyntheticOptions options =
        MANY.with("tenants", 4).with("tenantSkew", 1).with("vipShare", 0.1).with("batchShare", 0.3);
    Trace trace = SyntheticTrace.generate(options, 1);
    TraceStatistics.Tenants tenants = TraceStatistics.of(trace).tenants();
    assertNotNull(tenants);
    assertEquals(4, tenants.count());
    assertEquals(0.48, tenants.largest(), 0.01, "1 of 1 + 1/2 + 1/3 + 1/4");
    assertEquals(0.1, share(trace, RequestInfo.VIP), 0.01);
    assertEquals(0.3, share(trace, RequestInfo.BATCH), 0.01);
    assertTrue(trace.synthetic().containsAll(EnumSet.of(Carries.TENANT, Carries.PRIORITY)));
  }

  @Test
  void growsSessionsTurnByTurn() {
    SyntheticOptions options =
        MANY.with("sessionShare", 0.5)
            .with("sessionTurnsMean", 3)
            .with("promptTokensMax", 1_000_000);
    Trace trace = SyntheticTrace.generate(options, 1);
    TraceStatistics.Sessions sessions = TraceStatistics.of(trace).sessions();
    assertNotNull(sessions);
    assertEquals(3, sessions.meanTurns(), 0.1);
    assertEquals(10, trace.meanRate(), 0.4, "later turns included");
    Map<String, TraceRequest> last = new HashMap<>();
    for (TraceRequest request : trace.requests()) {
      String session = request.session();
      TraceRequest before = session == null ? null : last.put(session, request);
      if (before != null) {
        assertEquals(before.turn() + 1, request.turn());
        assertTrue(request.promptTokens() > before.promptTokens() + before.outputTokens());
        for (int i = 0; i < before.prefix().size(); i++) {
          assertEquals(before.prefix().get(i), request.prefix().get(i));
        }
      }
    }
  }

  @Test
  void keepsArrivalsWhenOtherOptionsChange() {
    Trace plain = SyntheticTrace.generate(SyntheticOptions.defaults(), 1);
    Trace other =
        SyntheticTrace.generate(
            SyntheticOptions.defaults().with("tenants", 9).with("popularShare", 0.5), 1);
    assertEquals(
        plain.requests().stream().map(TraceRequest::arrivalNanos).toList(),
        other.requests().stream().map(TraceRequest::arrivalNanos).toList());
  }

  @Test
  void namesOptionsOutOfBounds() {
    assertWrong(
        "ratePerSecond",
        0,
        "ratePerSecond: 0 (expected: a number > 0 and <= 100000, in requests/s)");
    assertWrong("popularShare", 1.5, "popularShare: 1.5 (expected: a number from 0 to 1)");
    assertWrong("promptTokensMedian", 2_000, "promptTokensMedian: 2000.0 (expected: at most 1155)");
    assertWrong("tenants", 1.5, "tenants: 1.5 (expected: a whole number from 0 to 1000000)");
    assertWrong("seconds", 0, "requests: 0 (expected: above 0, or seconds above 0)");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> SyntheticOptions.defaults().with("rate", 1));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("option: rate (expected: one of requests, "));
  }

  private static void assertWrong(String option, double value, String message) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> SyntheticOptions.defaults().with(option, value));
    assertEquals(message, e.getMessage());
  }

  private static double share(Trace trace, int priority) {
    return trace.requests().stream().filter(r -> r.priority() == priority).count()
        / (double) trace.requests().size();
  }
}
