package dev.forebay.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.FakeLoad;
import dev.forebay.conformance.TestContext;
import dev.forebay.scaling.hpa.Hpa;
import dev.forebay.scaling.predictive.Predictive;
import dev.forebay.scaling.queue.Queue;
import dev.forebay.scaling.rules.Direction;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.PoolLoad.State;
import dev.forebay.spi.policy.ScalingPolicy;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A day with a decision every 15 s: the load rises from 2 to 14 members' worth and falls again,
 * with noise of 5 % either way. A policy that does not flap goes up, and then down.
 */
class DayTest {

  private static final int DECISIONS = 5_760;
  private static final double EACH = 10;

  /** What became of a day. */
  private record Day(int turns, int most, int last, int lacking) {}

  private static Day day(Plugin<ScalingPolicy> plugin) {
    ScalingPolicy policy = plugin.create(TestContext.create());
    SplittableRandom noise = new SplittableRandom(11);
    int replicas = 3;
    int direction = 1;
    int turns = 0;
    int most = 0;
    int lacking = 0;
    for (int i = 1; i <= DECISIONS; i++) {
      double wave = (1 - Math.cos(2 * Math.PI * i / DECISIONS)) / 2;
      double demand = EACH * (2 + 12 * wave) * (0.95 + noise.nextDouble() / 10);
      double use = demand / EACH / replicas;
      FakeLoad load =
          new FakeLoad()
              .members(replicas, State.READY, Math.min(1, use), 0.3)
              .at(15L * i)
              .traffic(demand, Math.min(demand, replicas * EACH))
              .waiting(0, 0, 0)
              .between(3, 20);
      int wanted = policy.decide(load.load()).replicas();
      int way = Integer.signum(wanted - replicas);
      turns += way == -direction ? 1 : 0;
      direction = way == 0 ? direction : way;
      lacking += use > 1 ? 1 : 0;
      replicas = wanted;
      most = Math.max(most, replicas);
    }
    return new Day(turns, most, replicas, lacking);
  }

  private static void isFollowed(Plugin<ScalingPolicy> policy) {
    Day day = day(policy);
    assertEquals(1, day.turns(), day::toString);
    assertEquals(0, day.lacking(), day::toString);
    assertTrue(day.most() >= 19 && day.most() <= 20, day::toString);
    assertTrue(day.last() <= 4, day::toString);
  }

  @Test
  void hpaFollowsADayWithoutFlapping() {
    isFollowed(Hpa.defaults());
  }

  @Test
  void queueFollowsADayWithoutFlapping() {
    isFollowed(Queue.defaults().withRequestsPerSecond(EACH));
  }

  @Test
  void predictiveFollowsADayWithoutFlapping() {
    isFollowed(Predictive.defaults().withRequestsPerSecond(EACH));
  }

  @Test
  void withoutAWindowAndAToleranceItFlaps() {
    Direction eager = new Direction(0, Duration.ZERO, List.of(), Direction.Select.MAX);
    Day day = day(Queue.defaults().withRequestsPerSecond(EACH).withUp(eager).withDown(eager));
    assertTrue(day.turns() > 100, day::toString);
  }
}
