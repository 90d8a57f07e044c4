package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.gateway.Pipeline;
import dev.forebay.gateway.Pool;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The weight that balancers see of an endpoint that joined or recovered grows with time. */
class SlowStartTest {

  private static final Duration WINDOW = Duration.ofSeconds(10);

  private final Map<String, Double> weights = new LinkedHashMap<>();
  private final Scripted a = new Scripted("a", self -> self.streams(1, 0));
  private final Scripted b = new Scripted("b", self -> self.streams(1, 0));
  private final World world = new World(9);

  /** Notes weights, and chooses the last. */
  private final Balancer noting =
      new Balancer() {
        @Override
        public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
          candidates.forEach(one -> weights.put(one.id(), one.weight()));
          return candidates.get(candidates.size() - 1);
        }
      };

  private static Pool.Member member(Scripted backend) {
    return new Pool.Member(World.plugin(backend), 2, 0);
  }

  private Pipeline describe(Pipeline p) {
    return p.balancing(new BalancingService.Options(0.25, WINDOW, WINDOW, 0.1, 0, 1))
        .balance(NamedPlugin.of(Balancer.class, "noting", context -> noting));
  }

  private double weightOfB(long millis) {
    world.time.runUntil(millis(millis));
    weights.clear();
    world.send();
    return weights.getOrDefault("b", -1.0);
  }

  @Test
  void theFirstMembersHaveTheirWholeWeightAtOnce() {
    world.build(p -> describe(p).backend(World.plugin(a), 2, 0).backend(World.plugin(b), 2, 0));
    assertEquals(2, weightOfB(0));
    world.settle();
  }

  @Test
  void theWeightOfOneThatJoinsGrowsFromATenthToTheWhole() {
    world.build(p -> describe(p).backend(World.plugin(a), 2, 0));
    world.time.runUntil(millis(100_000));
    world.gateway().members("default", List.of(member(a), member(b)));
    assertEquals(0.2, weightOfB(100_000), 1e-9);
    assertEquals(0.2, weightOfB(101_000), 1e-9);
    assertEquals(1, weightOfB(105_000), 1e-9);
    assertEquals(1.8, weightOfB(109_000), 1e-9);
    assertEquals(2, weightOfB(110_000), 1e-9);
    assertEquals(2, weights.getOrDefault("a", 0.0), "who was there keeps its own");
    world.settle();
  }

  @Test
  void afterACooldownItGrowsFromItsEnd() {
    Failure overloaded = Failure.overloaded(503, "overloaded", "");
    Scripted failing = new Scripted("b", self -> self.fails(overloaded, 0));
    HealthPolicy rest =
        (Endpoint endpoint, Outcome outcome) -> outcome.status().unhealthy() ? millis(4_000) : 0;
    world.build(
        p ->
            describe(p)
                .health(NamedPlugin.of(HealthPolicy.class, "rest", context -> rest))
                .backend(World.plugin(a), 2, 0)
                .backend(World.plugin(failing), 2, 0));
    assertEquals(2, weightOfB(0));
    assertEquals(-1, weightOfB(3_999), "it rests; of one candidate nobody is asked");
    assertEquals(0.2, weightOfB(4_000), 1e-9);
    world.settle();
  }

  @Test
  void oneThatIsTakenBackFromADrainStartsSlowly() {
    world.build(p -> describe(p).backend(World.plugin(a), 2, 0).backend(World.plugin(b), 2, 0));
    world.gateway().drain("default", "b");
    world.time.runUntil(millis(50_000));
    world.gateway().undrain("default", "b");
    assertEquals(1, weightOfB(55_000), 1e-9);
    world.settle();
  }
}
