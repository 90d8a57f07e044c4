package dev.forebay.balancing.sessionaffinity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.forebay.balancing.affinity.AffinityKey;
import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SessionAffinityTest implements BalancerContract {

  private final TestContext context = TestContext.create();
  private final List<FakeEndpoint> fakes = FakeEndpoint.many("e", 4);
  private final List<Endpoint> all = List.copyOf(fakes);
  private final Balancer balancer = options(AffinityKey.SESSION).create(context);

  private static Plugin<Balancer> options(AffinityKey key) {
    return new SessionAffinity(key, Duration.ofMinutes(30), 100, 2, 8);
  }

  @Override
  public Plugin<Balancer> plugin() {
    return options(AffinityKey.SESSION);
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("B12", "goes by session and load; a health policy takes failing ones out");
  }

  private static RequestInfo session(int number) {
    return Requests.chat("r", Requests.caller(number), 0);
  }

  private Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    return balancer.choose(request, candidates);
  }

  @Test
  void aSessionStaysAndNewOnesTakeTurns() {
    Set<Endpoint> homes = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      homes.add(choose(session(i), all));
    }
    assertEquals(4, homes.size());
    for (int i = 0; i < 4; i++) {
      assertEquals(choose(session(i), all), choose(session(i), all));
    }
  }

  @Test
  void everyKeyKeepsWhatItNamesTogether() {
    for (AffinityKey key : AffinityKey.values()) {
      Balancer by = options(key).create(context);
      Endpoint home = by.choose(session(1), all);
      by.choose(session(2), all);
      assertEquals(home, by.choose(session(1), all), key.name());
    }
  }

  @Test
  void aUserOfOneTenantIsNotThatOfAnother() {
    Caller one = new Caller("", "", "one", "alice", "");
    Caller other = new Caller("", "", "other", "alice", "");
    assertEquals("one\nalice", AffinityKey.USER.of(Requests.chat("r", one, 0)));
    assertEquals("other\nalice", AffinityKey.USER.of(Requests.chat("r", other, 0)));
  }

  @Test
  void whoNamesNoSessionGoesToTheLeastLoaded() {
    fakes.forEach(endpoint -> endpoint.inFlight(3));
    fakes.get(2).inFlight(1);
    assertEquals(all.get(2), choose(Requests.chat("r"), all));
  }

  @Test
  void sessionsSurviveChangesOfTheMembersButForThoseOfWhoLeft() {
    Map<Integer, Endpoint> homes = new TreeMap<>();
    for (int i = 0; i < 40; i++) {
      homes.put(i, choose(session(i), all));
    }
    List<Endpoint> changed = new ArrayList<>(all.subList(1, 4));
    changed.add(FakeEndpoint.of("new"));
    balancer.members(List.copyOf(changed));
    homes.forEach(
        (number, home) -> {
          Endpoint now = choose(session(number), List.copyOf(changed));
          assertEquals(home != all.getFirst(), now == home, number + ": " + home + " to " + now);
        });
  }

  @Test
  void aSessionWhoseEndpointIsOutGetsAnotherForGood() {
    Endpoint home = choose(session(1), all);
    List<Endpoint> without = all.stream().filter(endpoint -> endpoint != home).toList();
    Endpoint other = choose(session(1), without);
    assertNotEquals(home, other);
    assertEquals(other, choose(session(1), all), "its state is there now");
  }

  @Test
  void aSessionWhoseAccountIsFullGoesElsewhereButStays() {
    FakeEndpoint home = (FakeEndpoint) choose(session(1), all);
    List<Endpoint> without = all.stream().filter(endpoint -> endpoint != home).toList();
    home.accountFull(true);
    assertNotEquals(home, choose(session(1), without));
    home.accountFull(false);
    assertEquals(home, choose(session(1), all), "its state is there still");
  }

  @Test
  void beyondTheLoadBoundARequestGoesElsewhereButItsSessionStays() {
    FakeEndpoint home = (FakeEndpoint) choose(session(1), all);
    home.inFlight(8);
    assertNotEquals(home, choose(session(1), all), "8 of 8, while ceil(2 x 9 / 4) is 5");
    home.inFlight(7);
    assertEquals(home, choose(session(1), all));
  }

  @Test
  void anIdleSessionIsForgottenAUsedOneIsNot() {
    Endpoint home = choose(session(1), all);
    for (int i = 0; i < 3; i++) {
      context.passSeconds(29 * 60);
      assertEquals(home, choose(session(1), all));
    }
    context.passSeconds(30 * 60);
    ((FakeEndpoint) home).inFlight(1);
    assertNotEquals(home, choose(session(1), all));
  }

  @Test
  void theTableIsBounded() {
    Endpoint home = choose(session(1), all);
    for (int i = 2; i <= 101; i++) {
      choose(session(i), all);
    }
    ((FakeEndpoint) home).inFlight(1);
    assertNotEquals(home, choose(session(1), all), "forgotten: 100 others came since");
  }
}
