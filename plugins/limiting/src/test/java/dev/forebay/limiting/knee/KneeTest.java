package dev.forebay.limiting.knee;

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
import java.util.function.IntFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KneeTest implements ConcurrencyLimiterContract {

  private static final RequestInfo REQUEST = Requests.chat("r");
  private static final int SLOTS = 40;
  private static final double MILLIS = 1e6;

  @Override
  public Plugin<ConcurrencyLimiter> plugin() {
    return Knee.defaults();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 20, 64, 400})
  void itFindsTheSlotsOfAServerThatQueuesWhereverItBegins(int initial) {
    ConcurrencyLimiter limiter = limiter(Knee.initial(initial));
    serve(limiter, 10_000, KneeTest::slots);

    assertTrue(
        limiter.limit() >= SLOTS * 0.75 && limiter.limit() <= SLOTS * 1.5,
        () -> "limit: " + limiter.limit());
  }

  @Test
  void promptsOfManyLengthsAreNoQueue() {
    ConcurrencyLimiter limiter = limiter(Knee.defaults());
    SplittableRandom random = new SplittableRandom(3);
    serve(
        limiter,
        10_000,
        atOnce -> {
          int prompt = 1 << random.nextInt(6, 16);
          double wait = wait(atOnce) + prompt * 0.04;
          return answer(prompt, wait, 100, 10);
        });

    assertTrue(
        limiter.limit() >= SLOTS * 0.75 && limiter.limit() <= SLOTS * 1.5,
        () -> "limit: " + limiter.limit());
  }

  @Test
  void tokensThatBecomeSlowerLowerTheLimitAlthoughNothingQueues() {
    ConcurrencyLimiter limiter = limiter(Knee.defaults().withGain(0.5));
    serve(limiter, 20_000, atOnce -> answer(100, 50, 100, 10 + 0.5 * atOnce));

    // 1 % more requests are half of 1 % more throughput where 0.5 n = 10
    assertTrue(limiter.limit() >= 12 && limiter.limit() <= 34, () -> "limit: " + limiter.limit());
  }

  @Test
  void callersWhoLeaveDoNotStopARound() {
    ConcurrencyLimiter limiter = limiter(Knee.initial(10));
    SplittableRandom random = new SplittableRandom(5);
    Outcome left = Outcomes.failed(Status.CANCELLED, 0, 1);
    serve(limiter, 20_000, atOnce -> random.nextBoolean() ? left : slots(atOnce));

    assertTrue(
        limiter.limit() >= SLOTS * 0.75 && limiter.limit() <= SLOTS * 1.5,
        () -> "limit: " + limiter.limit());
  }

  @Test
  void aServerOfTwiceTheSlotsIsFoundAgain() {
    ConcurrencyLimiter limiter = limiter(Knee.defaults());
    serve(limiter, 5_000, KneeTest::slots);
    int before = limiter.limit();
    serve(limiter, 10_000, atOnce -> slots((atOnce + 1) / 2));

    assertTrue(limiter.limit() > 1.4 * before, () -> before + ", then " + limiter.limit());
  }

  @Test
  void answersThatAreNotStreamedAreComparedByTheirLengths() {
    ConcurrencyLimiter limiter = limiter(Knee.defaults());
    serve(
        limiter,
        20_000,
        atOnce -> {
          Outcome streamed = slots(atOnce);
          long end = streamed.timings().endedNanos();
          return Outcome.ok(streamed.usage(), new Timings(0, end, end));
        });

    assertTrue(
        limiter.limit() >= SLOTS * 0.75 && limiter.limit() <= SLOTS * 1.5,
        () -> "limit: " + limiter.limit());
  }

  @Test
  void overloadOfAFewLowersTheLimitByTheirShare() {
    ConcurrencyLimiter limiter = limiter(Knee.initial(1_000));
    for (int i = 0; i < 64; i++) {
      Permit permit = ((Admitted) limiter.acquire(REQUEST)).permit();
      permit.release(i < 16 ? Outcomes.failed(Status.OVERLOADED, 0, 1) : slots(1));
    }

    assertEquals(975, limiter.limit(), "a quarter of the endings: a quarter of the way to 0.9");
  }

  @Test
  void anInitialLimitOutOfBoundsIsRefused() {
    Plugin<ConcurrencyLimiter> plugin = Knee.initial(20).withMin(30).withMax(40);
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(TestContext.create()))
            .getMessage();

    assertEquals("initial: 20 (expected: from min, 30, to max, 40)", message);
  }

  @Property(tries = 200)
  void noPermitIsLostAndTheLimitStaysInItsBounds(
      @ForAll @Size(max = 400) List<Status> endings,
      @ForAll long takes,
      @ForAll @LongRange(min = 0, max = 100_000_000_000L) long durationNanos) {
    ConcurrencyLimiter limiter = limiter(Knee.initial(8).withMin(3).withMax(12));
    ArrayDeque<Permit> out = new ArrayDeque<>();
    SplittableRandom random = new SplittableRandom(takes);
    for (Status ending : endings) {
      if (random.nextBoolean()) {
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

  private static ConcurrencyLimiter limiter(Knee options) {
    return options.create(TestContext.create());
  }

  private static double wait(int atOnce) {
    return 50 + Math.max(0, atOnce - SLOTS) * 1_000.0 / SLOTS;
  }

  private static Outcome slots(int atOnce) {
    return answer(100, wait(atOnce), 100, 10);
  }

  private static Outcome answer(int prompt, double firstMillis, int tokens, double tokenMillis) {
    long first = (long) (firstMillis * MILLIS);
    long end = first + (long) ((tokens - 1) * tokenMillis * MILLIS);
    return Outcome.ok(new Usage(prompt, 0, tokens, 0), new Timings(0, first, end));
  }

  /** Keeps as many requests under way as the limit lets, until so many have ended. */
  private static void serve(ConcurrencyLimiter limiter, int endings, IntFunction<Outcome> server) {
    record Sent(Permit permit, int atOnce) {}
    ArrayDeque<Sent> out = new ArrayDeque<>();
    for (int i = 0; i < endings; i++) {
      while (limiter.acquire(REQUEST) instanceof Admitted admitted) {
        out.add(new Sent(admitted.permit(), limiter.inFlight()));
      }
      Sent sent = out.remove();
      sent.permit().release(server.apply(sent.atOnce()));
    }
    out.forEach(sent -> sent.permit().release(Outcomes.failed(Status.CANCELLED, 0, 1)));
  }
}
