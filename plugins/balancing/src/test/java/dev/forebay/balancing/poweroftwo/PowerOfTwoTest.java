package dev.forebay.balancing.poweroftwo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.balancing.Allocation;
import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PowerOfTwoTest implements BalancerContract {

  private static final RequestInfo REQUEST = Requests.chat("r");

  private final Balancer balancer = new PowerOfTwoBalancer(new SplittableRandom(1));

  @Override
  public Plugin<Balancer> plugin() {
    return new PowerOfTwo();
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("B12", "only counts requests in flight; a health policy takes failing ones out");
  }

  @Test
  void aSingleCandidateIsChosen() {
    Endpoint only = FakeEndpoint.of("only");

    assertSame(only, balancer.choose(REQUEST, List.of(only)));
  }

  @Test
  void theTwoDrawnAreDistinctSoThatTheMostLoadedIsNeverChosen() {
    List<FakeEndpoint> all = FakeEndpoint.many("e", 4);
    all.get(2).inFlight(1);
    for (int i = 0; i < 10_000; i++) {
      assertNotSame(all.get(2), balancer.choose(REQUEST, List.copyOf(all)));
    }
  }

  @Test
  void ranksAreChosenAsOftenAsPairsSay() {
    List<FakeEndpoint> all = FakeEndpoint.many("e", 4);
    int[] picks = new int[4];
    for (int i = 0; i < 4; i++) {
      all.get(i).inFlight(i);
    }
    for (int i = 0; i < 60_000; i++) {
      picks[balancer.choose(REQUEST, List.copyOf(all)).inFlight()]++;
    }
    for (int rank = 0; rank < 4; rank++) {
      assertEquals(10_000.0 * (3 - rank), picks[rank], 500, "rank " + rank + " of 6 pairs");
    }
  }

  @Property
  void inFlightCountsInProportionToWeight(
      @ForAll @IntRange(min = 0, max = 50) int a, @ForAll @IntRange(min = 0, max = 50) int b) {
    Endpoint light = FakeEndpoint.of("light").inFlight(a);
    Endpoint heavy = FakeEndpoint.of("heavy").weight(4).inFlight(b);
    Endpoint chosen = balancer.choose(REQUEST, List.of(light, heavy));

    assertTrue(4 * a == b || chosen.equals(light) == (4 * a < b));
  }

  @Test
  void aMillionChoicesAreEvenAndAllocateNothing() {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("e", 10));
    int[] first = {0};
    long bytes =
        Allocation.bytesPerRun(
            1_000_000,
            () -> first[0] += balancer.choose(REQUEST, all).equals(all.getFirst()) ? 1 : 0);

    assertEquals(0, bytes);
    assertEquals(102_000, first[0], 2_000);
  }
}
