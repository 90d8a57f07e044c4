package dev.forebay.limiting.partitioned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.ConcurrencyLimiterContract;
import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.limiting.fixed.Fixed;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.ConcurrencyLimiter.Permit;
import dev.forebay.spi.policy.ConcurrencyLimiter.Saturated;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PartitionedTest implements ConcurrencyLimiterContract {

  private static final long SECOND = 1_000_000_000;

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<ConcurrencyLimiter> plugin() {
    return Partitioned.defaults().withShares(Map.of("tenant-1", 0.3));
  }

  @Test
  void aShareIsKeptFreeForWhoUsesIt() {
    ConcurrencyLimiter limiter = ten(Map.of("a", 0.3, "b", 0.2));
    take(limiter, "a", 1);
    take(limiter, "b", 1);

    assertEquals(5, take(limiter, "c", 10).size(), "of 10: 3 are a's, 2 are b's");
    assertEquals(2, take(limiter, "a", 10).size());
    assertEquals(1, take(limiter, "b", 10).size());
  }

  @Test
  void aPartitionMayUseMoreThanItsShareOfWhatNobodyHasAClaimTo() {
    ConcurrencyLimiter limiter = ten(Map.of("a", 0.3, "b", 0.2));

    assertEquals(10, take(limiter, "a", 20).size());
  }

  @Test
  void aShareIsLentAfterItsTimeAndComesBackAsRequestsEnd() {
    ConcurrencyLimiter limiter = ten(Map.of("a", 0.3));
    take(limiter, "a", 1).forEach(permit -> permit.release(Outcomes.ok(0, 1)));
    List<Permit> lent = take(limiter, "c", 10);
    assertEquals(7, lent.size());
    Saturated told = assertInstanceOf(Saturated.class, limiter.acquire(of("c")));
    assertEquals(10 * SECOND, told.recheckNanos());
    context.pass(told.recheckNanos());
    assertEquals(3, take(limiter, "c", 10).size());

    assertEquals(0, take(limiter, "a", 1).size(), "all is lent");
    lent.get(0).release(Outcomes.ok(0, 1));
    assertEquals(0, take(limiter, "c", 1).size(), "a has asked: its share is kept again");
    assertEquals(1, take(limiter, "a", 1).size());
  }

  @Test
  void sharesOfMoreThanAllAreRefused() {
    Map<String, Double> shares = new LinkedHashMap<>();
    shares.put("a", 0.7);
    shares.put("b", 0.5);
    assertEquals("shares: 1.2 together (expected: at most 1)", message(shares));
    assertEquals("shares: 0.0 of a (expected: above 0, at most 1)", message(Map.of("a", 0.0)));
  }

  @Test
  void aShareIsNoPermitLessThanItSays() {
    assertEquals(List.of(29), of(100, 0.29), "0.29 × 100 is 28.999999999999996");
    assertEquals(List.of(1), of(5, 0.1), "of half a permit");
    assertEquals(List.of(0), of(1, 0.1), "the others have one, too");
    assertEquals(List.of(1), of(1, 1.0));
    assertEquals(List.of(2, 1, 1), of(4, 0.4, 0.3, 0.3));
    assertEquals(List.of(1, 1, 0, 0), of(2, 0.25, 0.25, 0.25, 0.25));
  }

  @Property(tries = 1000)
  void sharesAreTogetherWhatTheySayAndNeverMoreThanTheLimit(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] shares = new double[1 + random.nextInt(8)];
    double left = 1;
    for (int i = 0; i < shares.length; i++) {
      shares[i] = left * (0.01 + 0.98 * random.nextDouble());
      left -= shares[i];
    }
    double sum = DoubleStream.of(shares).sum();
    int limit = random.nextInt(200);
    int[] permits = Guarantees.of(shares, limit);
    int given = IntStream.of(permits).sum();
    String told = limit + ": " + Arrays.toString(shares) + " " + Arrays.toString(permits);
    assertTrue(given <= limit && given >= (int) (sum * limit), told);
    for (int i = 0; i < shares.length; i++) {
      assertTrue(permits[i] >= (int) (shares[i] * limit), told);
      assertTrue(permits[i] <= shares[i] * limit + 1 + 1e-6, told);
      assertTrue(permits[i] > 0 || given >= limit - 1, told);
    }
  }

  private static List<Integer> of(int limit, double... shares) {
    return IntStream.of(Guarantees.of(shares, limit)).boxed().toList();
  }

  @Property(tries = 200)
  void noPermitIsLostAndNobodyIsDeniedAShare(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ConcurrencyLimiter limiter = ten(Map.of("a", 0.3, "b", 0.2), TestContext.create());
    List<String> names = List.of("a", "b", "c", "d");
    int[] shares = {3, 2, 0, 0};
    List<ArrayDeque<Permit>> out = new ArrayList<>();
    for (String name : names) { // a and b are here from the beginning
      out.add(new ArrayDeque<>(take(limiter, name, 1)));
    }
    for (int i = 0; i < 500; i++) {
      int who = random.nextInt(4);
      ArrayDeque<Permit> own = out.get(who);
      if (random.nextInt(3) > 0) {
        List<Permit> taken = take(limiter, names.get(who), 1);
        assertTrue(
            own.size() >= shares[who] || !taken.isEmpty(), names.get(who) + ": " + own.size());
        own.addAll(taken);
      } else if (!own.isEmpty()) {
        own.remove().release(Outcomes.ok(0, 1));
      }
      int sum = out.stream().mapToInt(ArrayDeque::size).sum();
      assertEquals(sum, limiter.inFlight());
      assertTrue(sum <= 10);
    }
  }

  private String message(Map<String, Double> shares) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> ten(shares));
    return String.valueOf(thrown.getMessage());
  }

  private ConcurrencyLimiter ten(Map<String, Double> shares) {
    return ten(shares, context);
  }

  private static ConcurrencyLimiter ten(Map<String, Double> shares, TestContext context) {
    return Partitioned.defaults().withLimit(Fixed.limit(10)).withShares(shares).create(context);
  }

  private static List<Permit> take(ConcurrencyLimiter limiter, String tenant, int most) {
    List<Permit> out = new ArrayList<>();
    while (out.size() < most && limiter.acquire(of(tenant)) instanceof Admitted admitted) {
      out.add(admitted.permit());
    }
    return out;
  }

  private static RequestInfo of(String tenant) {
    return Requests.chat("r", new Caller("k", "", tenant, "", ""), 0);
  }
}
