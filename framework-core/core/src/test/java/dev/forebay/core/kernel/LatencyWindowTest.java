package dev.forebay.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class LatencyWindowTest {

  /** The reference is sorting. */
  @Property(tries = 200)
  void aPercentileIsThatOfTheLastSamplesRoundedUp(
      @ForAll long seed, @ForAll @DoubleRange(min = 0.5, max = 0.99) double share) {
    SplittableRandom random = new SplittableRandom(seed);
    LatencyWindow window = new LatencyWindow(50);
    ArrayDeque<Long> last = new ArrayDeque<>();
    for (int i = 0; i < 1 + random.nextInt(200); i++) {
      long nanos = (long) Math.pow(10, random.nextDouble(4, 12));
      window.add(nanos);
      last.add(nanos);
      if (last.size() > 50) {
        last.remove();
      }
    }
    long[] sorted = last.stream().mapToLong(Long::longValue).sorted().toArray();
    long exact = sorted[(int) Math.ceil(share * sorted.length) - 1];
    long found = window.percentile(share);
    assertTrue(found > exact && found <= exact * 1.0626 + 1_000, exact + " but " + found);
    assertEquals(sorted.length, window.size());
  }

  @Test
  void anEmptyOneHasNone() {
    assertEquals(0, new LatencyWindow(3).percentile(0.99));
  }
}
