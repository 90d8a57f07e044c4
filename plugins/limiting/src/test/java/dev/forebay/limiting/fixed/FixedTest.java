package dev.forebay.limiting.fixed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.forebay.conformance.ConcurrencyLimiterContract;
import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import dev.forebay.spi.policy.ConcurrencyLimiter.Saturated;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FixedTest implements ConcurrencyLimiterContract {

  private static final RequestInfo REQUEST = Requests.chat("r");

  @Override
  public Plugin<ConcurrencyLimiter> plugin() {
    return Fixed.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    String reason = "the limit is fixed";
    return Map.of("C7", reason, "C8", reason, "C11", "64 is what it is told");
  }

  @Test
  void aPermitThatComesBackTwiceCountsOnce() {
    ConcurrencyLimiter limiter = Fixed.limit(2).create(TestContext.create());
    Permit first = assertInstanceOf(Admitted.class, limiter.acquire(REQUEST)).permit();
    limiter.acquire(REQUEST);
    first.release(Outcomes.ok(0, 1));
    first.release(Outcomes.ok(0, 1));

    assertEquals(1, limiter.inFlight());
  }

  @Property
  void noPermitIsLostOrUsedTwice(
      @ForAll @IntRange(min = 1, max = 9) int limit,
      @ForAll @Size(max = 200) List<Status> endings,
      @ForAll long takes) {
    ConcurrencyLimiter limiter = Fixed.limit(limit).create(TestContext.create());
    ArrayDeque<Permit> out = new ArrayDeque<>();
    SplittableRandom random = new SplittableRandom(takes);
    for (Status ending : endings) {
      if (random.nextBoolean()) {
        if (limiter.acquire(REQUEST) instanceof Admitted admitted) {
          out.add(admitted.permit());
        } else {
          assertEquals(limit, out.size());
          assertSame(Saturated.UNTIL_RELEASE, limiter.acquire(REQUEST));
        }
      } else if (!out.isEmpty()) {
        out.remove().release(Outcomes.of(ending, 0, 1_000));
      }
      assertEquals(out.size(), limiter.inFlight());
    }
  }
}
