package dev.forebay.balancing.prefixaffinity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.balancing.affinity.PrefixTable;
import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PrefixAffinityTest implements BalancerContract {

  private final List<FakeEndpoint> fakes = FakeEndpoint.many("e", 4);
  private final List<Endpoint> all = List.copyOf(fakes);
  private final TestContext context = TestContext.create();
  private final Balancer balancer = new PrefixAffinity(1_000, 16, 1.5, 1).create(context);

  @Override
  public Plugin<Balancer> plugin() {
    return PrefixAffinity.defaults().withMaxBlocks(2_000).withDepth(16);
  }

  @Override
  public double loadBound() {
    return 1.25;
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("B12", "goes by prefix and load; a health policy takes failing ones out");
  }

  private static RequestInfo asking(long... blocks) {
    return Requests.chat("r").withPrompt(2_048, null, PrefixHashes.of(blocks));
  }

  private Endpoint send(RequestInfo request) {
    FakeEndpoint chosen = (FakeEndpoint) balancer.choose(request, all);
    chosen.inFlight(chosen.inFlight() + 1);
    balancer.dispatched(chosen, request);
    return chosen;
  }

  private void idle() {
    fakes.forEach(endpoint -> endpoint.inFlight(0));
  }

  @Test
  void aLongerPrefixBeatsAShorterOne() {
    Endpoint shorter = send(asking(1, 2));
    Endpoint longer = send(asking(1, 9, 10));
    assertNotEquals(shorter, longer, "the first had its share already");
    idle();
    assertEquals(longer, send(asking(1, 9, 10, 11)));
    idle();
    assertEquals(shorter, send(asking(1, 2, 3)));
  }

  @Test
  void aConversationStaysWithItsCache() {
    Endpoint first = send(asking(1));
    idle();
    for (int turn = 2; turn < 20; turn++) {
      long[] blocks = LongStream.rangeClosed(1, turn).toArray();
      assertEquals(first, send(asking(blocks)));
      idle();
    }
  }

  @Test
  void aSystemPromptThatAllSendDoesNotSendAllToOne() {
    Map<String, Integer> picks = new TreeMap<>();
    for (int i = 0; i < 100; i++) {
      picks.merge(send(asking(7, 100 + i)).id(), 1, Integer::sum);
    }
    assertEquals(3, picks.size(), "as few as the bound allows");
    picks.values().forEach(count -> assertTrue(count <= Math.ceil(1.5 * 25), picks.toString()));
  }

  @Test
  void anOwnerThatIsNoCandidateIsPassedOver() {
    Endpoint owner = send(asking(1, 2));
    List<Endpoint> others = all.stream().filter(endpoint -> endpoint != owner).toList();
    assertTrue(others.contains(balancer.choose(asking(1, 2), others)));
  }

  @Test
  void whoLeftIsForgottenAndWhoStayedIsKnown() {
    Endpoint stays = send(asking(1));
    Endpoint goes = send(asking(2));
    idle();
    balancer.members(all.stream().filter(endpoint -> endpoint != goes).toList());
    assertEquals(stays, send(asking(1, 5)));
  }

  @Test
  void theTableIsBoundedAndForgetsTheLeastRecentlyUsed() {
    PrefixTable table = new PrefixTable(10, 4);
    for (long i = 0; i < 100; i++) {
      table.sent(PrefixHashes.of(i, -i - 1), fakes.getFirst());
      table.ownersOf(PrefixHashes.of(0), 0);
    }
    assertEquals(10, table.size());
    assertNotNull(table.ownersOf(PrefixHashes.of(0), 0), "used all the time");
    assertNull(table.ownersOf(PrefixHashes.of(50), 0));
  }
}
