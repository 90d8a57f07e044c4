package dev.forebay.caching.lru;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LruTest implements ResponseCacheContract {

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<ResponseCache> plugin() {
    return Lru.defaults().withMaxBytes(64L << 20).withMaxEntryBytes(2L << 20);
  }

  @Test
  void theOneNotUsedForLongestMakesRoom() {
    ResponseCache cache = Lru.entries(2).create(context);
    put(cache, 1, 10);
    put(cache, 2, 10);
    get(cache, 1);
    put(cache, 3, 10);

    assertNotNull(get(cache, 1));
    assertNull(get(cache, 2));
    assertNotNull(get(cache, 3));
    assertEquals(1, context.count("evictions"));
  }

  @Test
  void severalMakeRoomForALargeOne() {
    ResponseCache cache =
        Lru.defaults().withMaxBytes(4_000).withMaxEntryBytes(3_000).create(context);
    put(cache, 1, 700);
    put(cache, 2, 700);
    put(cache, 3, 700);
    put(cache, 4, 2_000);

    assertNull(get(cache, 1));
    assertNull(get(cache, 2));
    assertNotNull(get(cache, 3));
    assertNotNull(get(cache, 4));
  }

  @Test
  void anAnswerLivesForItsTimeFromWhenItWasPut() {
    ResponseCache cache = Lru.defaults().withTtl(Duration.ofSeconds(10)).create(context);
    put(cache, 1, 10);
    context.pass(9_999_999_999L);
    assertNotNull(get(cache, 1), "reading does not prolong it");
    context.pass(1);

    assertNull(get(cache, 1));
    assertEquals(1, context.count("expired"));
    assertEquals(0.0, context.gauges().get("bytes"));
  }

  @Test
  void aTooLargeAnswerIsNotStoredAndReplacesAnOlderOneByNothing() {
    ResponseCache cache =
        Lru.defaults().withMaxBytes(4_000).withMaxEntryBytes(1_000).create(context);
    put(cache, 1, 10);
    put(cache, 1, 1_000);

    assertNull(get(cache, 1));
    assertEquals(1, context.count("too_large"));
    assertEquals(1, context.count("stored"));
  }

  @Property
  void boundsHoldAndWhatIsFoundIsWhatWasPutLast(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 999) Integer> actions) {
    TestContext fresh = TestContext.create();
    Lru options =
        Lru.entries(8).withMaxBytes(6_000).withMaxEntryBytes(2_000).withTtl(Duration.ofSeconds(50));
    ResponseCache cache = options.create(fresh);
    Map<Integer, CachedAnswer> last = new LinkedHashMap<>();
    int gets = 0;
    for (int action : actions) {
      int key = action % 12;
      switch (action % 5) {
        case 0, 1 -> {
          CachedAnswer answer = Answers.sized(action * 2, fresh.timeline().epochMillis());
          last.put(key, answer);
          cache.put(Requests.key(key), Requests.any(), answer);
        }
        case 2, 3 -> {
          gets++;
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
      assertEquals(gets, fresh.count("hits") + fresh.count("misses"));
    }
    held(cache, last, fresh);
  }

  /** What the gauges say is what can be got. */
  private static void held(ResponseCache cache, Map<Integer, CachedAnswer> last, TestContext at) {
    for (int key = 0; key < 12; key++) {
      cache.get(Requests.key(key), Requests.any()); // lets go of what has expired
    }
    double bytes = 0;
    int entries = 0;
    for (int key = 0; key < 12; key++) {
      CachedAnswer found = cache.get(Requests.key(key), Requests.any()).result();
      if (found != null) {
        assertSame(last.get(key), found);
        bytes += found.bytes();
        entries++;
      }
    }
    assertEquals(bytes, at.gauges().get("bytes"));
    assertEquals(entries, (int) gauge(at, "entries"));
  }

  @Test
  void aMillionPutsAndGetsKeepTheBound() {
    ResponseCache cache = Lru.entries(1_000).create(context);
    CachedAnswer answer = Answers.sized(100, 0);
    for (int i = 0; i < 1_000_000; i++) {
      cache.put(Requests.key(i), Requests.any(), answer);
      assertSame(answer, cache.get(Requests.key(i - i % 1_000 / 2), Requests.any()).result());
    }

    assertEquals(1_000.0, context.gauges().get("entries"));
    assertEquals(999_000, context.count("evictions"));
  }

  @Test
  void aMillionDistinctAnswersKeepBothBounds() {
    long maxBytes = 1 << 20;
    ResponseCache cache =
        Lru.entries(1_000).withMaxBytes(maxBytes).withMaxEntryBytes(maxBytes).create(context);
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

  private static void put(ResponseCache cache, int key, int bytes) {
    cache.put(Requests.key(key), Requests.any(), Answers.sized(bytes, 0));
  }

  private static @Nullable CachedAnswer get(ResponseCache cache, int key) {
    return cache.get(Requests.key(key), Requests.any()).result();
  }
}
