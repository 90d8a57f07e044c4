package dev.forebay.balancing.roundrobin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.balancing.Allocation;
import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RoundRobinTest implements BalancerContract {

  private static final RequestInfo REQUEST = Requests.chat("r");

  private final Balancer balancer = new RoundRobinBalancer();

  @Override
  public Plugin<Balancer> plugin() {
    return new RoundRobin();
  }

  @Test
  void equalEndpointsTakeTurnsInOrder() {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("", 3));

    assertEquals("0120120", choices(all, 7));
  }

  @Test
  void weightsAreSpreadAsNginxSpreadsThem() {
    List<Endpoint> all =
        List.of(FakeEndpoint.of("a").weight(5), FakeEndpoint.of("b"), FakeEndpoint.of("c"));

    assertEquals("aabacaaaabacaa", choices(all, 14));
  }

  @Test
  void anEndpointThatIsACandidateEverySecondTimeGetsItsShare() {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("", 3));
    int first = 0;
    for (int i = 0; i < 600; i++) {
      List<Endpoint> candidates = i % 2 == 0 ? all : all.subList(1, 3);
      first += balancer.choose(REQUEST, candidates).equals(all.getFirst()) ? 1 : 0;
    }

    assertEquals(100, first, 2, "a third of the 300 choices it was a candidate for");
  }

  @Test
  void anEndpointThatJoinsGetsNoBurst() {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("", 3));
    choices(all.subList(0, 2), 1_001);

    assertEquals("120120", choices(all, 6), "turns from the first choice on");
  }

  @Test
  void stateOfEndpointsThatLeftIsForgotten() {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("", 3));
    choices(all, 2);
    balancer.members(List.of());

    assertEquals("012", choices(all, 3));
  }

  /** Credit is what an endpoint could have had, less what it had; fair is what keeps it small. */
  @Property(tries = 200)
  void nobodyGetsFarAheadOrBehindWhateverTheCandidates(
      @ForAll @Size(min = 50, max = 400) List<@IntRange(min = 1, max = 31) Integer> subsets) {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("", 5));
    Map<Endpoint, Integer> credit = new LinkedHashMap<>();
    Balancer fresh = new RoundRobinBalancer();
    for (int subset : subsets) {
      List<Endpoint> candidates = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if ((subset & 1 << i) != 0) {
          candidates.add(all.get(i));
        }
      }
      candidates.forEach(candidate -> credit.merge(candidate, 1, Integer::sum));
      credit.merge(fresh.choose(REQUEST, candidates), -candidates.size(), Integer::sum);
      credit.forEach((one, now) -> assertTrue(Math.abs(now) <= 15, one + ": " + credit));
    }
  }

  @Test
  void aMillionChoicesAreEvenAndAllocateNothing() {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("e", 7));
    int[] first = {0};
    long bytes =
        Allocation.bytesPerRun(
            1_000_000,
            () -> first[0] += balancer.choose(REQUEST, all).equals(all.getFirst()) ? 1 : 0);

    assertEquals(0, bytes);
    assertEquals(1_020_000 / 7.0, first[0], 1);
  }

  private String choices(List<Endpoint> candidates, int count) {
    return Stream.generate(() -> balancer.choose(REQUEST, candidates).id())
        .limit(count)
        .collect(Collectors.joining());
  }
}
