package dev.forebay.limiting.gradient2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.ConcurrencyLimiterContract;
import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Gradient2Test implements ConcurrencyLimiterContract {

  private static final RequestInfo REQUEST = Requests.chat("r");
  private static final long SECOND = 1_000_000_000;

  @Override
  public Plugin<ConcurrencyLimiter> plugin() {
    return Gradient2.defaults();
  }

  @Test
  void aFullWindowOfSteadyLatencyLetsTheLimitGrowByItsShareOfTheQueue() {
    ConcurrencyLimiter limiter = limiter(Gradient2.initial(20));
    serve(limiter, 1_000, 20, timed(1, 2));

    assertEquals(28, limiter.limit(), "10 windows of 0.2 x 4");
  }

  @Test
  void latencyBeyondTheToleranceLowersTheLimit() {
    ConcurrencyLimiter limiter = limiter(Gradient2.initial(100).withMin(4).withMax(100));
    serve(limiter, 20_000, 100, timed(1, 2));
    serve(limiter, 3_000, 100, timed(10, 11));

    assertTrue(limiter.limit() < 40, () -> "limit: " + limiter.limit());
  }

  @Test
  void longAnswersAreNoSignOfOverload() {
    ConcurrencyLimiter limiter = limiter(Gradient2.initial(100).withMin(4).withMax(200));
    serve(limiter, 40_000, 200, timed(1, 2));
    serve(limiter, 6_000, 200, timed(1, 100));

    assertEquals(200, limiter.limit());
  }

  @Test
  void withTotalLatencyLongAnswersLowerTheLimit() {
    ConcurrencyLimiter limiter =
        limiter(
            Gradient2.initial(100).withMin(4).withMax(200).withLatency(Gradient2.Latency.TOTAL));
    serve(limiter, 40_000, 200, timed(1, 2));
    int before = limiter.limit();
    serve(limiter, 6_000, 200, timed(1, 100));

    assertTrue(limiter.limit() < before / 2, () -> "limit: " + limiter.limit());
  }

  @Test
  void overloadThatTheUpstreamReportsLowersTheLimitOncePerWindow() {
    ConcurrencyLimiter limiter = limiter(Gradient2.initial(100));
    serve(limiter, 100, 10, Outcomes.failed(Status.THROTTLED, 0, 1));
    assertEquals(90, limiter.limit());
    serve(limiter, 100, 10, Outcomes.failed(Status.STALLED, 0, 1));
    assertEquals(81, limiter.limit());
  }

  @Test
  void overloadOfAFewLowersTheLimitByTheirShare() {
    ConcurrencyLimiter limiter = limiter(Gradient2.initial(1000).withMin(4).withMax(1000));
    serve(limiter, 90, 10, timed(1, 2));
    serve(limiter, 10, 10, Outcomes.failed(Status.OVERLOADED, 0, 1));

    assertEquals(990, limiter.limit(), "a tenth of the answers: a tenth of the way to 0.9");
  }

  @Test
  void aLimitThatIsHardlyUsedStays() {
    ConcurrencyLimiter limiter = limiter(Gradient2.initial(100));
    serve(limiter, 49_000, 49, timed(1, 2));
    assertEquals(100, limiter.limit());
    serve(limiter, 50_000, 60, timed(1, 2));
    assertTrue(limiter.limit() > 100);
  }

  @Test
  void anAnswerWithoutContentIsNoSample() {
    ConcurrencyLimiter limiter = limiter(Gradient2.initial(20));
    serve(limiter, 1_000, 20, timed(-1, 2));

    assertEquals(20, limiter.limit());
  }

  @Test
  void itFindsTheCapacityOfAServerThatQueues() {
    Gradient2 options = Gradient2.initial(20).withMin(4).withMax(1000);
    ConcurrencyLimiter limiter = limiter(options);
    ArrayDeque<Permit> out = new ArrayDeque<>();
    int capacity = 50;
    for (int window = 0; window < 300; window++) {
      int used = limiter.limit();
      double wait = Math.max(1.0, (double) used / capacity);
      serve(limiter, out, 100, used, timed(wait, wait + 1));
    }

    assertTrue(
        limiter.limit() >= capacity && limiter.limit() <= 3 * capacity,
        () -> "limit: " + limiter.limit());
  }

  @Test
  void anInitialLimitOutOfBoundsIsRefused() {
    Plugin<ConcurrencyLimiter> plugin = Gradient2.initial(20).withMin(30).withMax(40);
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(TestContext.create()))
            .getMessage();

    assertEquals("initial: 20 (expected: from min, 30, to max, 40)", message);
  }

  @Property
  void noPermitIsLostAndTheLimitStaysInItsBounds(
      @ForAll @Size(max = 400) List<Status> endings,
      @ForAll @IntRange(min = 1, max = 9) int takesOfTen,
      @ForAll long takes,
      @ForAll @LongRange(min = 0, max = 100_000_000_000L) long durationNanos) {
    ConcurrencyLimiter limiter =
        limiter(Gradient2.initial(8).withMin(3).withMax(12).withSmoothing(1));
    ArrayDeque<Permit> out = new ArrayDeque<>();
    SplittableRandom random = new SplittableRandom(takes);
    for (Status ending : endings) {
      if (random.nextInt(10) < takesOfTen) {
        boolean room = out.size() < limiter.limit();
        boolean admitted = limiter.acquire(REQUEST) instanceof Admitted it && out.add(it.permit());
        assertEquals(room, admitted);
      } else if (!out.isEmpty()) {
        Permit permit = out.remove();
        Status status = random.nextBoolean() ? Status.OK : ending;
        permit.release(Outcomes.of(status, 0, durationNanos >> random.nextInt(32)));
        permit.release(Outcomes.ok(0, 1));
      }
      assertEquals(out.size(), limiter.inFlight());
      assertTrue(limiter.limit() >= 3 && limiter.limit() <= 12);
    }
  }

  private static ConcurrencyLimiter limiter(Gradient2 options) {
    return options.create(TestContext.create());
  }

  private static Outcome timed(double firstContentSeconds, double totalSeconds) {
    long first = firstContentSeconds < 0 ? -1 : (long) (firstContentSeconds * SECOND);
    return Outcome.ok(Usage.NONE, new Timings(0, first, (long) (totalSeconds * SECOND)));
  }

  /** Serves from idle to idle; those that are left in the end teach nothing. */
  private static void serve(ConcurrencyLimiter limiter, int endings, int atOnce, Outcome outcome) {
    ArrayDeque<Permit> out = new ArrayDeque<>();
    serve(limiter, out, endings, atOnce, outcome);
    out.forEach(permit -> permit.release(Outcomes.failed(Status.CANCELLED, 0, 1)));
  }

  /** Keeps so many requests under way, as far as the limit lets, until so many have ended. */
  private static void serve(
      ConcurrencyLimiter limiter,
      ArrayDeque<Permit> out,
      int endings,
      int atOnce,
      Outcome outcome) {
    for (int i = 0; i < endings; i++) {
      while (out.size() < atOnce && limiter.acquire(REQUEST) instanceof Admitted admitted) {
        out.add(admitted.permit());
      }
      out.remove().release(outcome);
    }
  }
}
