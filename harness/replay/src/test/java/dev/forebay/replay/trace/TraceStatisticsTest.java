package dev.forebay.replay.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.forebay.spi.PrefixHashes;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** On traces small enough to count by hand. */
class TraceStatisticsTest {

  @Test
  void measuresArrivals() {
    TraceStatistics statistics = TraceStatistics.of(trace(0, 0, 0, 4));
    // Gaps 0, 0, 4: mean 4/3, deviation sqrt(32/9). Counts 3, 0, 0, 0, 1: mean 0.8, variance 1.36.
    assertEquals(4, statistics.spanSeconds());
    assertEquals(1, statistics.meanRate());
    assertEquals(Math.sqrt(2), statistics.arrivals().cv(), 1e-12);
    assertEquals(1.36 / 0.8, statistics.arrivals().perSecond(), 1e-12);
    assertEquals(Double.NaN, statistics.arrivals().per10Seconds());
    assertNull(statistics.recorded());
  }

  @Test
  void countsOfFewerThanTwoWindowsHaveNoVariance() {
    assertEquals(Double.NaN, TraceStatistics.of(trace(0, 25, 59)).arrivals().perMinute());
    // Counts 2 and 1: mean 1.5, variance 0.25.
    assertEquals(0.25 / 1.5, TraceStatistics.of(trace(0, 25, 60)).arrivals().perMinute(), 1e-12);
  }

  @Test
  void interpolatesPercentiles() {
    TraceStatistics.Lengths lengths = TraceStatistics.Lengths.of(new int[] {40, 10, 30, 20});
    assertEquals(25, lengths.mean());
    assertEquals(25, lengths.p50());
    assertEquals(39.7, lengths.p99(), 1e-9);
    assertEquals(40, lengths.max());
  }

  @Test
  void countsReuseRepeatsAndTenants() {
    TraceBuilder builder = new TraceBuilder("jsonl", null, 10);
    builder.carries.addAll(EnumSet.allOf(Carries.class));
    builder.blockTokens = 100;
    builder.add(request(250, "a", 1, PrefixHashes.of(1, 2, 3)));
    builder.add(request(250, "a", 1, PrefixHashes.of(1, 2, 3)));
    builder.add(request(150, "b", 2, PrefixHashes.of(1, 4)));
    builder.add(request(50, null, -1, PrefixHashes.NONE));
    TraceStatistics statistics = TraceStatistics.of(builder.build());
    assertNotNull(statistics.prefixes());
    // 250 of the second (its third block is cut), 100 of the third.
    assertEquals(350 / 700.0, statistics.prefixes().reusedTokens());
    assertEquals(0.5, statistics.prefixes().firstBlockShared());
    assertEquals(0.25, statistics.prefixes().twoBlocksShared());
    assertEquals(0.25, statistics.exactRepeats());
    assertNotNull(statistics.tenants());
    assertEquals(new TraceStatistics.Tenants(2, 0.5, 0.75), statistics.tenants());
  }

  private static TraceRequest request(
      int tokens, @Nullable String tenant, long id, PrefixHashes prefix) {
    return TraceRequest.of(0, tokens, 1).from(tenant, null).withPrompt(id, prefix, tokens, 1);
  }

  private static Trace trace(long... seconds) {
    TraceBuilder builder = new TraceBuilder("azure", null, seconds.length);
    for (long second : seconds) {
      builder.add(TraceRequest.of(second * 1_000_000_000L, 1, 1));
    }
    return builder.build();
  }
}
