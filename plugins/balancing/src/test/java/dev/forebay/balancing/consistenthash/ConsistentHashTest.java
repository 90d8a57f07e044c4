package dev.forebay.balancing.consistenthash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.balancing.consistenthash.ConsistentHash.By;
import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ConsistentHashTest implements BalancerContract {

  private final List<FakeEndpoint> fakes = FakeEndpoint.many("e", 5);
  private final List<Endpoint> all = List.copyOf(fakes);

  @Override
  public Plugin<Balancer> plugin() {
    return ConsistentHash.by(By.SESSION);
  }

  @Override
  public double loadBound() {
    return 1.25;
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("B12", "goes by key; a health policy takes failing ones out");
  }

  private static Balancer by(By key) {
    return new ConsistentHashBalancer(new ConsistentHash(key, 1.25, 1));
  }

  private static RequestInfo request(int prompt, Caller caller) {
    return Requests.chat("r", caller, 0)
        .withPrompt(1_000, Requests.key(prompt), Requests.prefix(prompt, 3));
  }

  @Test
  void requestsOfAKeyMeetAndOthersSpread() {
    for (By key : By.values()) {
      Balancer balancer = by(key);
      Set<String> chosen = new TreeSet<>();
      for (int i = 0; i < 200; i++) {
        RequestInfo request = request(i, Requests.caller(i));
        assertEquals(balancer.choose(request, all), balancer.choose(request, all), key.name());
        chosen.add(balancer.choose(request, all).id());
      }
      assertEquals(5, chosen.size(), key.name());
    }
  }

  @Test
  void whoHasNoKeyGoesByAddress() {
    Balancer balancer = by(By.SESSION);
    Set<String> chosen = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      chosen.add(balancer.choose(request(1, Caller.at("10.0.0." + i)), all).id());
    }
    assertEquals(5, chosen.size());
  }

  @Test
  void aKeyMovesOnlyToAnEndpointThatIsNewOrHeavier() {
    Balancer balancer = by(By.PROMPT);
    int moved = 0;
    for (int i = 0; i < 1_000; i++) {
      RequestInfo request = request(i, Requests.caller(1));
      fakes.getFirst().weight(1);
      Endpoint before = balancer.choose(request, all);
      fakes.getFirst().weight(2);
      Endpoint after = balancer.choose(request, all);
      assertTrue(after == before || after == all.getFirst(), before + " to " + after);
      moved += after == before ? 0 : 1;
    }
    assertEquals(1_000 * (2 / 6.0 - 1 / 5.0), moved, 50);
  }

  /** No endpoint ever has more than ceil(bound x share), whatever the keys. */
  @Property(tries = 100)
  void theLoadBoundHoldsAtEveryStep(
      @ForAll @Size(min = 1, max = 300) List<@IntRange(min = 0, max = 3) Integer> sessions) {
    Balancer balancer = by(By.SESSION);
    List<FakeEndpoint> endpoints = FakeEndpoint.many("e", 4);
    int open = 0;
    for (int session : sessions) {
      Endpoint at = balancer.choose(request(1, Requests.caller(session)), List.copyOf(endpoints));
      open++;
      FakeEndpoint chosen = (FakeEndpoint) at;
      chosen.inFlight(chosen.inFlight() + 1);
      assertTrue(
          chosen.inFlight() <= Math.ceil(1.25 * open / 4), chosen.inFlight() + " of " + open);
    }
  }
}
