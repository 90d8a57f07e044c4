package dev.forebay.caching.tinylfu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Answers;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.ResponseCacheContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TinyLfuTest implements ResponseCacheContract {

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<ResponseCache> plugin() {
    return TinyLfu.entries(1024).withMaxBytes(64L << 20).withMaxEntryBytes(2L << 20);
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "Caffeine draws its chance and its hash seeds from the JVM";
    return Map.of("P8", reason, "P9", reason);
  }

  @Test
  void whatIsAskedForOftenSurvivesAFloodOfStrangers() {
    ResponseCache cache = TinyLfu.entries(100).create(context);
    CachedAnswer answer = Answers.sized(100, 0);
    for (int round = 0; round < 20; round++) {
      for (int key = 0; key < 50; key++) {
        if (cache.get(Requests.key(key), Requests.any()).result() == null) {
          cache.put(Requests.key(key), Requests.any(), answer);
        }
      }
    }
    for (int stranger = 1_000; stranger < 6_000; stranger++) {
      cache.get(Requests.key(stranger), Requests.any());
      cache.put(Requests.key(stranger), Requests.any(), answer);
    }
    int kept = 0;
    for (int key = 0; key < 50; key++) {
      kept += cache.get(Requests.key(key), Requests.any()).result() == null ? 0 : 1;
    }
    assertTrue(kept >= 40, "kept: " + kept);
  }

  @Test
  void anAnswerLivesForItsTimeFromWhenItWasPut() {
    ResponseCache cache = TinyLfu.entries(8).withTtl(Duration.ofSeconds(10)).create(context);
    cache.put(Requests.key(1), Requests.any(), Answers.sized(10, 0));
    context.passSeconds(9);
    assertNotNull(
        cache.get(Requests.key(1), Requests.any()).result(), "reading does not prolong it");
    context.passSeconds(1);
    assertNull(cache.get(Requests.key(1), Requests.any()).result());
  }

  @Test
  void aTooLargeAnswerIsNotStoredAndReplacesAnOlderOneByNothing() {
    ResponseCache cache =
        TinyLfu.entries(8).withMaxBytes(40_000).withMaxEntryBytes(1_000).create(context);
    cache.put(Requests.key(1), Requests.any(), Answers.sized(10, 0));
    cache.put(Requests.key(1), Requests.any(), Answers.sized(1_000, 0));
    assertNull(cache.get(Requests.key(1), Requests.any()).result());
    assertEquals(1, context.count("too_large"));
    assertEquals(0.0, context.gauges().get("bytes"));
  }

  @Test
  void theBoundOnAnswersHoldsWhateverTheBoundInBytes() {
    for (int entries : new int[] {1, 2, 3, 100}) {
      for (long bytes = 1L << 10; bytes <= 1L << 40; bytes <<= 5) {
        TestContext fresh = TestContext.create();
        ResponseCache cache =
            TinyLfu.entries(entries).withMaxBytes(bytes).withMaxEntryBytes(bytes).create(fresh);
        for (int key = 0; key < 3 * entries; key++) {
          cache.put(Requests.key(key), Requests.any(), Answers.sized(10, 0));
          double held = gauge(fresh, "entries");
          assertTrue(held <= entries, held + " of " + entries + " in " + bytes + " bytes");
        }
        assertTrue(gauge(fresh, "bytes") <= bytes);
        if (bytes >= 1L << 20) {
          assertEquals(entries, gauge(fresh, "entries"), "in " + bytes + " bytes");
        }
      }
    }
  }

  @Property
  void boundsHoldAndWhatIsFoundIsWhatWasPutLast(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 999) Integer> actions) {
    TestContext fresh = TestContext.create();
    ResponseCache cache =
        TinyLfu.entries(8)
            .withMaxBytes(6_000)
            .withMaxEntryBytes(2_000)
            .withTtl(Duration.ofSeconds(50))
            .create(fresh);
    Map<Integer, CachedAnswer> last = new LinkedHashMap<>();
    for (int action : actions) {
      int key = action % 12;
      switch (action % 5) {
        case 0, 1 -> {
          CachedAnswer answer = Answers.sized(action * 2, fresh.timeline().epochMillis());
          last.put(key, answer);
          cache.put(Requests.key(key), Requests.any(), answer);
        }
        case 2, 3 -> {
          CachedAnswer found = cache.get(Requests.key(key), Requests.any()).result();
          assertTrue(found == null || found.equals(last.get(key)));
        }
        default -> {
          if (action % 2 == 0) {
            last.remove(key);
            cache.invalidate(Requests.key(key));
          }
          fresh.passSeconds(7);
        }
      }
      assertTrue(gauge(fresh, "entries") <= 8);
      assertTrue(gauge(fresh, "bytes") <= 6_000);
    }
  }

  @Test
  void aMillionDistinctAnswersKeepBothBounds() {
    long maxBytes = 1 << 20;
    ResponseCache cache =
        TinyLfu.entries(1_000).withMaxBytes(maxBytes).withMaxEntryBytes(maxBytes).create(context);
    CachedAnswer small = Answers.sized(100, 0);
    CachedAnswer large = Answers.sized(20_000, 0);
    for (int i = 0; i < 1_000_000; i++) {
      cache.put(Requests.key(i), Requests.any(), i % 50 == 0 ? large : small);
      if (i % 1_000 == 0) {
        assertTrue(gauge(context, "bytes") <= maxBytes, "bytes: " + gauge(context, "bytes"));
        assertTrue(gauge(context, "entries") <= 1_000);
      }
    }
  }

  private static double gauge(TestContext context, String name) {
    return context.gauges().getOrDefault(name, Double.NaN);
  }
}
