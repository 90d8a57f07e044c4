package dev.forebay.spi.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketsTest {

  private static final long MILLI = 1_000_000;

  @Test
  void eachValueIsBelowTheEndOfItsBucketAndAtLeastTheEndOfTheOneBefore() {
    SplittableRandom random = new SplittableRandom(1);
    Buckets[] all = {Buckets.SECONDS, Buckets.FINE_SECONDS, Buckets.TOKENS, Buckets.BYTES};
    for (Buckets buckets : all) {
      long end = buckets.end(buckets.size() - 1);
      for (int i = 0; i < 10_000; i++) {
        long value = random.nextLong(end) >> random.nextInt(40);
        int index = buckets.index(value);
        long before = index == 0 ? 0 : buckets.end(index - 1);
        assertTrue(before <= value && value < buckets.end(index), buckets + " " + value);
        assertTrue(
            value < buckets.perDoubling() * buckets.step()
                || buckets.end(index) <= value * (1 + 1.0 / buckets.perDoubling()) + 1,
            buckets + " " + value);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, 2_000_000_000_000L})
  void whatIsBeyondTheRangeIsInTheLast(long nanos) {
    assertEquals(Buckets.SECONDS.size() - 1, Buckets.SECONDS.index(nanos));
  }

  @Test
  void whatIsBelowZeroIsInTheFirst() {
    assertEquals(0, Buckets.SECONDS.index(Long.MIN_VALUE));
  }

  @Test
  void theRangeOfTimesIsTenthsOfMillisecondsToHalfAnHour() {
    assertEquals(100_000, Buckets.SECONDS.end(0));
    assertEquals(1_677.7216, Buckets.SECONDS.told(Buckets.SECONDS.end(335)), 1e-9);
    assertEquals(336, Buckets.SECONDS.size());
  }

  @Test
  void finerOnesHaveTwiceAsManyForEachDoubling() {
    assertEquals(672, Buckets.FINE_SECONDS.size());
    assertEquals(1_677.7216, Buckets.FINE_SECONDS.told(Buckets.FINE_SECONDS.end(671)), 1e-9);
    assertThrows(IllegalArgumentException.class, () -> new Buckets("seconds", 1, 1, 20, 24));
  }

  @Test
  void bucketsThatEndBeyondALongAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new Buckets("seconds", 1, Long.MAX_VALUE / 16, 20));
    assertThrows(IllegalArgumentException.class, () -> new Buckets("seconds", 1, 0, 20));
  }

  @Test
  void aQuantileIsTheEndOfItsBucket() {
    long[] counts = new long[Buckets.SECONDS.size()];
    for (int i = 1; i <= 100; i++) {
      counts[Buckets.SECONDS.index(i * 10L * MILLI)]++;
    }
    Distribution distribution = new Distribution(Buckets.SECONDS, counts, 50_500 * MILLI);
    assertEquals(100, distribution.count());
    assertEquals(50.5, distribution.sum());
    assertEquals(0.99, distribution.quantile(0.99), 0.99 / 16);
    assertEquals(0.01, distribution.quantile(0), 0.01 / 16);
    assertEquals(
        Double.NaN,
        new Distribution(Buckets.SECONDS, new long[Buckets.SECONDS.size()], 0).quantile(0.5));
  }
}
