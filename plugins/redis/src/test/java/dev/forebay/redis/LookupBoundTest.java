package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.PromptKey;
import org.junit.jupiter.api.Test;

/** How long a lookup may take. */
class LookupBoundTest {

  private static final long MILLI = 1_000_000;

  private final LookupBound bound = new LookupBound(15 * MILLI);

  @Test
  void itIsThatOfTheOptionsUntilMissesAreKnownToCostMore() {
    assertEquals(15 * MILLI, bound.nanos());
    miss(1, 100);
    assertEquals(15 * MILLI, bound.nanos(), "a twentieth would be 5 ms");
  }

  @Test
  void itFollowsWhatMissesCostUpToItsCeiling() {
    miss(1, 1_000);
    assertEquals(50 * MILLI, bound.nanos());
    miss(2, 1_800);
    assertEquals(55 * MILLI, bound.nanos(), "an eighth of the way to 90 ms");
    for (int i = 3; i < 100; i++) {
      miss(i, 60_000);
    }
    assertEquals(100 * MILLI, bound.nanos());
    for (int i = 100; i < 200; i++) {
      miss(i, 400);
    }
    assertTrue(Math.abs(bound.nanos() - 20 * MILLI) < MILLI, bound.nanos() + " ns");
  }

  @Test
  void aBoundAboveTheCeilingStays() {
    LookupBound own = new LookupBound(300 * MILLI);
    own.missed(key(1), 0);
    own.stored(key(1), 60_000 * MILLI);
    assertEquals(300 * MILLI, own.nanos());
  }

  /** An answer that was not made after a miss says nothing. */
  @Test
  void onlyAnswersThatWereMissedCount() {
    bound.stored(key(1), 60_000 * MILLI);
    bound.missed(key(2), 0);
    bound.found(key(2));
    bound.stored(key(2), 60_000 * MILLI);
    assertEquals(15 * MILLI, bound.nanos());
    bound.missed(key(3), 0);
    for (int i = 4; i < 1_004; i++) {
      bound.missed(key(i), 0);
    }
    bound.stored(key(3), 60_000 * MILLI);
    assertEquals(15 * MILLI, bound.nanos(), "the oldest of a thousand is forgotten");
  }

  private void miss(int key, long millis) {
    bound.missed(key(key), 0);
    bound.stored(key(key), millis * MILLI);
  }

  private static PromptKey key(int key) {
    return new PromptKey(1, key);
  }
}
