package dev.forebay.replay.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverlayTest {
  private static final OverlayOptions NOTHING = OverlayOptions.defaults();
  private static final OverlayOptions EVERYTHING =
      NOTHING
          .with("tenants", 10)
          .with("vipShare", 0.1)
          .with("batchShare", 0.2)
          .with("popularShare", 0.4)
          .with("popularPrompts", 50)
          .with("inferSessions", 1);

  @Test
  void addsNothingUnlessAsked() {
    Trace trace = bare(10);
    assertSame(trace, Overlay.apply(trace, NOTHING, 1));
  }

  @Test
  void givesWhatIsLackingAndMarksIt() {
    Trace trace = Overlay.apply(bare(5_000), EVERYTHING, 1);
    EnumSet<Carries> added = EnumSet.of(Carries.TENANT, Carries.PRIORITY, Carries.PROMPT_IDENTITY);
    assertEquals(added, trace.synthetic());
    assertEquals(3, trace.notes().size());
    TraceStatistics statistics = TraceStatistics.of(trace);
    assertNotNull(statistics.tenants());
    assertEquals(10, statistics.tenants().count());
    assertEquals(0.39, statistics.exactRepeats(), 0.02);
    long vip = trace.requests().stream().filter(r -> r.priority() == RequestInfo.VIP).count();
    assertEquals(0.1, vip / 5_000.0, 0.012);
  }

  @Test
  void givesRepeatsTheLengthsOfTheFirst() {
    Trace trace = Overlay.apply(bare(1_000), EVERYTHING, 1);
    Map<Long, Integer> first = new HashMap<>();
    for (TraceRequest request : trace.requests()) {
      Integer same = first.putIfAbsent(request.promptId(), request.promptTokens());
      assertEquals(same == null ? request.promptTokens() : same, request.promptTokens());
    }
  }

  @Test
  void leavesAloneWhatTheTraceCarries() {
    Trace trace =
        SyntheticTrace.generate(
            SyntheticOptions.defaults()
                .with("tenants", 2)
                .with("vipShare", 0.5)
                .with("sessionShare", 0.1),
            1);
    assertSame(trace, Overlay.apply(trace, EVERYTHING, 1));
  }

  @Test
  void repeatsBySeed() {
    assertEquals(Overlay.apply(bare(500), EVERYTHING, 1), Overlay.apply(bare(500), EVERYTHING, 1));
    assertNotEquals(
        Overlay.apply(bare(500), EVERYTHING, 1).requests(),
        Overlay.apply(bare(500), EVERYTHING, 2).requests());
  }

  @Test
  void infersSessionsFromPrefixesThatGrow() {
    Trace trace =
        prefixed(
            PrefixHashes.of(1, 2, 3, 4),
            PrefixHashes.of(1, 9),
            PrefixHashes.of(1, 2, 3, 5, 6),
            PrefixHashes.of(1, 9),
            PrefixHashes.of(1, 2, 3, 5, 7, 8));
    Trace inferred = Overlay.apply(trace, NOTHING.with("inferSessions", 1), 1);
    assertEquals(
        List.of("session-1/0", "session-2/0", "session-1/1", "session-3/0", "session-1/2"),
        inferred.requests().stream().map(r -> r.session() + "/" + r.turn()).toList());
    assertEquals(EnumSet.of(Carries.SESSION), inferred.synthetic());
    assertEquals(List.of("sessions inferred from prefixes that grow"), inferred.notes());
  }

  @Test
  void keepsASessionWithOneTenant() {
    Trace trace = SyntheticTrace.generate(SyntheticOptions.defaults().with("sessionShare", 0.5), 1);
    Map<String, String> tenants = new HashMap<>();
    for (TraceRequest request : Overlay.apply(trace, EVERYTHING, 1).requests()) {
      if (request.session() != null && request.tenant() != null) {
        String same = tenants.putIfAbsent(request.session(), request.tenant());
        assertEquals(same == null ? request.tenant() : same, request.tenant());
      }
    }
    assertNotEquals(0, tenants.size());
  }

  @Test
  void namesOptionsOutOfBounds() {
    assertThrows(IllegalArgumentException.class, () -> NOTHING.with("popularShare", 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> NOTHING.with("vipShare", 0.9).with("batchShare", 0.2));
  }

  @Test
  void scalesArrivalsOnly() {
    Trace trace = bare(101);
    assertEquals(10, trace.spanSeconds());
    Trace faster = trace.scaled(4);
    assertEquals(2.5, faster.spanSeconds());
    assertEquals(trace.requests().get(7).promptTokens(), faster.requests().get(7).promptTokens());
    assertEquals(20.2, trace.scaledToRate(20.2).meanRate(), 1e-6);
    // 101 requests of 2 units in 10 s, against 10.1 units per second: twice the capacity.
    assertEquals(20, trace.scaledToLoad(1, 10.1, r -> 2).spanSeconds(), 1e-6);
    assertThrows(IllegalArgumentException.class, () -> trace.scaled(0));
    assertThrows(IllegalArgumentException.class, () -> trace.scaled(1e-300));
    assertThrows(IllegalArgumentException.class, () -> trace.scaled(Double.NaN));
  }

  /** One request every 100 ms, each with lengths of its own. */
  private static Trace bare(int count) {
    TraceBuilder builder = new TraceBuilder("azure", null, count);
    builder.carries.add(Carries.LENGTHS);
    for (int i = 0; i < count; i++) {
      builder.add(TraceRequest.of(i * 100_000_000L, 100 + i, 10 + i));
    }
    return builder.build();
  }

  private static Trace prefixed(PrefixHashes... prefixes) {
    TraceBuilder builder = new TraceBuilder("mooncake", null, prefixes.length);
    builder.carries.addAll(EnumSet.of(Carries.PREFIX, Carries.PROMPT_IDENTITY));
    builder.blockTokens = 512;
    for (int i = 0; i < prefixes.length; i++) {
      int tokens = prefixes[i].size() * 512 - 12;
      builder.add(TraceRequest.of(i, tokens, 1).withPrompt(i, prefixes[i], tokens, 1));
    }
    return builder.build();
  }
}
