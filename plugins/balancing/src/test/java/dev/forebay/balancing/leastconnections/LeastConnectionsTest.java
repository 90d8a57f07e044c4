package dev.forebay.balancing.leastconnections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LeastConnectionsTest implements BalancerContract {

  private static final RequestInfo REQUEST = Requests.chat("r");

  private final Balancer balancer = new LeastConnectionsBalancer();

  @Override
  public Plugin<Balancer> plugin() {
    return new LeastConnections();
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("B12", "only counts requests in flight; a health policy takes failing ones out");
  }

  @Test
  void theOneWithTheFewestInFlightIsChosen() {
    List<Endpoint> all =
        List.of(
            FakeEndpoint.of("a").inFlight(3),
            FakeEndpoint.of("b").inFlight(1),
            FakeEndpoint.of("c").inFlight(2));

    assertEquals("bbb", choices(all, 3));
  }

  @Test
  void inFlightCountsInProportionToWeight() {
    List<Endpoint> all =
        List.of(FakeEndpoint.of("a").inFlight(2), FakeEndpoint.of("b").weight(4).inFlight(7));

    assertEquals("b", choices(all, 1));
  }

  @Test
  void tiesTakeTurns() {
    List<Endpoint> all =
        List.of(FakeEndpoint.of("a").inFlight(9), FakeEndpoint.of("b"), FakeEndpoint.of("c"));

    assertEquals("bcbcbc", choices(all, 6));
  }

  @Property
  void noCandidateIsLessLoadedThanTheChosen(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 0, max = 40) Integer> inFlight,
      @ForAll @Size(min = 12, max = 12) List<@IntRange(min = 1, max = 5) Integer> weights) {
    List<Endpoint> all = new ArrayList<>();
    for (int i = 0; i < inFlight.size(); i++) {
      all.add(FakeEndpoint.of("e" + i).inFlight(inFlight.get(i)).weight(weights.get(i)));
    }
    for (int from = 0; from < all.size(); from++) {
      Endpoint chosen = balancer.choose(REQUEST, all.subList(from, all.size()));
      for (Endpoint other : all.subList(from, all.size())) {
        assertTrue(
            chosen.inFlight() / chosen.weight() <= other.inFlight() / other.weight() + 1e-12,
            () -> chosen + " though " + other);
      }
    }
  }

  private String choices(List<Endpoint> candidates, int count) {
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < count; i++) {
      ids.append(balancer.choose(REQUEST, candidates).id());
    }
    return ids.toString();
  }
}
