package dev.forebay.balancing.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WeightedRandomTest implements BalancerContract {

  private static final RequestInfo REQUEST = Requests.chat("r");

  private final Balancer balancer = new WeightedRandomBalancer(new SplittableRandom(1));

  @Override
  public Plugin<Balancer> plugin() {
    return new WeightedRandom();
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("B12", "it looks at nothing; a health policy takes failing ones out");
  }

  @Test
  void chancesAreAsWeightsWhateverTheLoad() {
    List<Endpoint> all =
        List.of(
            FakeEndpoint.of("a").inFlight(900),
            FakeEndpoint.of("b").weight(3),
            FakeEndpoint.of("c"));
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < 50_000; i++) {
      picks.merge(balancer.choose(REQUEST, all).id(), 1, Integer::sum);
    }

    assertEquals(10_000, picks.getOrDefault("a", 0), 500);
    assertEquals(30_000, picks.getOrDefault("b", 0), 500);
  }

  @Test
  void aMillionChoicesAllocateNothing() {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("e", 10));

    assertEquals(0, Allocation.bytesPerRun(1_000_000, () -> balancer.choose(REQUEST, all)));
  }
}
