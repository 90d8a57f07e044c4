package dev.forebay.limiting.rate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.policy.RateLimiter.Quantity;
import io.github.bucket4j.BandwidthBuilder;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The bucket against the arithmetic, and against Bucket4j's. */
class BucketTest {

  private static final long SECOND = 1_000_000_000;

  /** A clock that stands still until it is told otherwise. */
  private static final class Clock implements TimeMeter {
    private long nanos;

    @Override
    public long currentTimeNanos() {
      return nanos;
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }

  @Property
  void itDecidesAsBucket4jDoes(
      @ForAll @LongRange(min = 1, max = 2_000_000) long rate,
      @ForAll @LongRange(min = 1, max = 100_000) long intervalMillis,
      @ForAll @LongRange(min = 1, max = 3_000_000) long burst,
      @ForAll @Size(max = 60) List<@LongRange(min = 0, max = 400_000_000_000L) Long> steps) {
    Clock clock = new Clock();
    Duration interval = Duration.ofMillis(intervalMillis);
    Assume.that(rate < interval.toNanos()); // theirs refuses a token a nanosecond
    io.github.bucket4j.Bucket theirs =
        io.github.bucket4j.Bucket.builder()
            .addLimit(
                BandwidthBuilder.builder().capacity(burst).refillGreedy(rate, interval).build())
            .withCustomTimePrecision(clock)
            .build();
    BucketSize size = new BucketSize(new Ratio(rate, interval.toNanos()), burst);
    Bucket ours = new Bucket(size, 0);
    for (long step : steps) {
      clock.nanos += step % 5 == 0 ? 0 : step / 7;
      long amount = 1 + step % burst;
      if (step % 3 == 2) {
        theirs.addTokens(amount);
        ours.settle(0, amount, 0, clock.nanos);
        continue;
      }
      ConsumptionProbe probe = theirs.tryConsumeAndReturnRemaining(amount);
      long wait = ours.waitFor(amount, clock.nanos);
      assertEquals(probe.isConsumed(), wait == 0, "admitted");
      if (wait == 0) {
        ours.take(amount, clock.nanos);
      }
      assertEquals(probe.getRemainingTokens(), ours.remaining(clock.nanos), "left");
      long theirWait = probe.getNanosToWaitForRefill();
      assertTrue(wait == theirWait || wait == theirWait + 1, wait + ", not " + theirWait);
    }
  }

  @Property
  void whoWaitsAsToldIsAdmittedAndANanosecondEarlierIsNot(
      @ForAll @LongRange(min = 1, max = 1_000_000_000_000L) long units,
      @ForAll @LongRange(min = 1, max = 2_678_400_000_000_000L) long nanos,
      @ForAll @LongRange(min = 1, max = 1_000_000_000_000_000_000L) long burst,
      @ForAll @LongRange(min = 0, max = 10_000_000_000L) long pause,
      @ForAll @IntRange(min = 1, max = 100) int percent) {
    BucketSize size = new BucketSize(new Ratio(units, nanos), burst);
    Bucket bucket = new Bucket(size, 0);
    bucket.take(burst, 0);
    long amount = Math.max(1, burst / 100 * percent);
    long wait = bucket.waitFor(amount, pause);
    if (wait > 0 && wait < Long.MAX_VALUE / 4) {
      assertTrue(wait == 1 || bucket.waitFor(amount, pause + wait - 1) == 1, "a nanosecond early");
      assertEquals(0, bucket.waitFor(amount, pause + wait));
    }
  }

  @Test
  void ratesThatDivideNothingNeitherOverflowNorDrift() {
    BucketSize size = BucketSize.of(Quantity.REQUESTS, 100_003, Duration.ofDays(1), 100_003);
    Bucket bucket = new Bucket(size, 0);
    bucket.take(100_003, 0);
    long now = 0;
    for (int i = 0; i < 86_400; i++) {
      now += SECOND - 7;
      bucket.remaining(now);
    }
    assertEquals(100_002, bucket.remaining(now), "604,800 ns are missing from the day");
    assertEquals(100_003, bucket.remaining(86_400 * SECOND));
  }

  @Test
  void aHundredYearsOfIdlenessDoNotOverflow() {
    BucketSize size = BucketSize.of(Quantity.MONEY, 1e6, Duration.ofSeconds(1), 1e9);
    Bucket bucket = new Bucket(size, 0);
    bucket.take(1, 0);

    assertEquals(0, bucket.waitFor(size.most(), 100L * 365 * 86_400 * SECOND));
    assertTrue(bucket.untouched(Long.MAX_VALUE));
  }

  @Test
  void debtsHaveABound() {
    Bucket bucket = new Bucket(new BucketSize(new Ratio(1, 1), 10), 0);
    for (int i = 0; i < 100; i++) {
      bucket.settle(0, 0, Long.MAX_VALUE, 0);
    }
    assertEquals(Meter.MOST_DEBT + 1, bucket.waitFor(1, 0));
  }

  @Test
  void aRaisedBucketHasTheDifferenceAtOnceAndALoweredOneHoldsNoMore() {
    Bucket bucket = new Bucket(new BucketSize(new Ratio(1, SECOND), 10), 0);
    bucket.take(10, 0);
    bucket.limit(new BucketSize(new Ratio(2, SECOND), 15), 0);
    assertEquals(5, bucket.remaining(0));
    assertEquals(7, bucket.remaining(SECOND));
    bucket.limit(new BucketSize(new Ratio(1, SECOND), 3), SECOND);
    assertEquals(3, bucket.remaining(SECOND));
  }
}
