package dev.forebay.balancing.leastoutstandingtokens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeastOutstandingTokensTest implements BalancerContract {

  private static final RequestInfo REQUEST = Requests.chat("r");

  private final Balancer balancer = new LeastOutstandingTokensBalancer(100);

  @Override
  public Plugin<Balancer> plugin() {
    return LeastOutstandingTokens.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("B12", "only counts tokens in flight; a health policy takes failing ones out");
  }

  @Test
  void oneLongPromptWeighsMoreThanManyShortOnes() {
    Endpoint one = FakeEndpoint.of("long").inFlight(1).inFlightTokens(30_000);
    Endpoint many = FakeEndpoint.of("short").inFlight(20).inFlightTokens(4_000);

    assertEquals(many, balancer.choose(REQUEST, List.of(one, many)));
  }

  @Test
  void requestsWithoutABoundOnTheirAnswersCountForOneThatIsAssumed() {
    Endpoint few = FakeEndpoint.of("few").inFlight(1).inFlightTokens(1_000);
    Endpoint many = FakeEndpoint.of("many").inFlight(12).inFlightTokens(900);

    assertEquals(few, balancer.choose(REQUEST, List.of(few, many)));
  }

  @Test
  void tokensCountInProportionToWeight() {
    Endpoint light = FakeEndpoint.of("light").inFlight(1).inFlightTokens(1_000);
    Endpoint heavy = FakeEndpoint.of("heavy").weight(4).inFlight(1).inFlightTokens(3_000);

    assertEquals(heavy, balancer.choose(REQUEST, List.of(light, heavy)));
  }

  @Test
  void tiesTakeTurns() {
    List<Endpoint> all = List.copyOf(FakeEndpoint.many("", 3));
    StringBuilder chosen = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      chosen.append(balancer.choose(REQUEST, all).id());
    }
    assertEquals("012012", chosen.toString());
  }
}
