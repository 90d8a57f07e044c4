package dev.forebay.balancing.affinity;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.balancing.consistenthash.ConsistentHash;
import dev.forebay.balancing.iphash.IpHash;
import dev.forebay.balancing.prefixaffinity.PrefixAffinity;
import dev.forebay.balancing.sessionaffinity.SessionAffinity;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the weights and loads, no choice of an affinity puts an endpoint beyond its bound: a
 * factor times its share of all that is under way, the request included, or what is always fine.
 */
class LoadBoundTest {

  private static final double FACTOR = 1.5;
  private static final int ALWAYS = 2;

  static Stream<Arguments> affinities() {
    return Stream.of(
        Arguments.of(
            "session-affinity",
            new SessionAffinity(AffinityKey.SESSION, Duration.ofMinutes(30), 100, FACTOR, ALWAYS)),
        Arguments.of("prefix-affinity", new PrefixAffinity(1_000, 16, FACTOR, ALWAYS)),
        Arguments.of(
            "consistent-hash", new ConsistentHash(ConsistentHash.By.SESSION, FACTOR, ALWAYS)),
        Arguments.of("ip-hash", new IpHash(24, FACTOR, ALWAYS)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("affinities")
  void noStepGoesBeyondIt(String name, Plugin<Balancer> plugin) {
    for (int seed = 1; seed <= 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<FakeEndpoint> endpoints = FakeEndpoint.many("e", 2 + random.nextInt(6));
      endpoints.forEach(endpoint -> endpoint.weight(1 + random.nextInt(5)));
      Balancer balancer = plugin.create(TestContext.create());
      balancer.members(List.copyOf(endpoints));
      for (int step = 0; step < 500; step++) {
        step(name, balancer, endpoints, random);
      }
    }
  }

  private static void step(
      String name, Balancer balancer, List<FakeEndpoint> endpoints, SplittableRandom random) {
    List<FakeEndpoint> up = new ArrayList<>(endpoints);
    if (random.nextInt(4) == 0) {
      up.remove(random.nextInt(up.size()));
    }
    double inFlight = up.stream().mapToInt(Endpoint::inFlight).sum() + 1;
    double weight = up.stream().mapToDouble(Endpoint::weight).sum();
    // Three of four requests are of one session, address and prompt: affinity wants them together.
    RequestInfo request = request(random.nextInt(4) == 0 ? random.nextInt(50) : 0);
    FakeEndpoint chosen = (FakeEndpoint) balancer.choose(request, List.copyOf(up));
    double bound = Math.max(ALWAYS, Math.ceil(FACTOR * inFlight * chosen.weight() / weight));
    assertTrue(
        chosen.inFlight() + 1 <= bound,
        () ->
            name
                + ": "
                + (chosen.inFlight() + 1)
                + " at "
                + chosen
                + " (expected: <= "
                + bound
                + ")");
    chosen.inFlight(chosen.inFlight() + 1);
    balancer.dispatched(chosen, request);
    FakeEndpoint other = endpoints.get(random.nextInt(endpoints.size()));
    if (other.inFlight() > 0 && random.nextBoolean()) {
      other.inFlight(other.inFlight() - 1);
    }
  }

  private static RequestInfo request(int number) {
    long[] blocks = new long[8];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = (number * 1031L + i + 1) * 0x9E3779B97F4A7C15L;
    }
    return Requests.chat("r", Requests.caller(number), 0)
        .withPrompt(4096, null, PrefixHashes.of(blocks));
  }
}
