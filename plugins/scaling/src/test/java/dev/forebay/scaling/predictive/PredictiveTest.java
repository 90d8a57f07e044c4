package dev.forebay.scaling.predictive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.FakeLoad;
import dev.forebay.conformance.ScalingPolicyContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingPolicy.Decision;
import org.junit.jupiter.api.Test;

class PredictiveTest implements ScalingPolicyContract {

  private static final long DAY = 86_400;

  @Override
  public Plugin<ScalingPolicy> plugin() {
    return Predictive.defaults();
  }

  private static ScalingPolicy policy() {
    return Predictive.defaults()
        .withUtilisation(1)
        .withRequestsPerSecond(10)
        .create(TestContext.create());
  }

  private static Decision at(ScalingPolicy policy, long second, double arrivals) {
    return policy.decide(
        FakeLoad.ready(5).at(second).traffic(arrivals, arrivals).waiting(0, 0, 0).load());
  }

  @Test
  void aRisingLineIsFollowedToTheTimeAtWhichAMemberWouldServe() {
    ScalingPolicy policy = policy();
    Decision last = at(policy, 0, 10);
    for (int i = 1; i <= 20; i++) {
      last = at(policy, 15L * i, 10 + 3 * i);
    }
    assertEquals(9, last.replicas(), "70/s now, 12 more in a minute: 82/s");
    assertEquals("trend", last.rule());
  }

  @Test
  void theSameTimeADayAgoIsRemembered() {
    ScalingPolicy policy = policy();
    for (long second = 0; second < DAY; second += 15) {
      at(policy, second, second % DAY >= 36_000 ? 90 : 20);
    }
    Decision before = at(policy, DAY + 35_700, 20);
    for (long second = DAY + 35_715; second < DAY + 36_000; second += 15) {
      before = at(policy, second, 20);
    }
    assertEquals("cycle", before.rule(), before.inputs());
    assertEquals(9, before.replicas(), "a minute before the load comes");
  }

  @Test
  void aDayThatIsAnotherIsFollowedByHalfAtMost() {
    Cycle cycle = new Cycle(1_000);
    for (int ms = 0; ms < 1_000; ms++) {
      cycle.add(ms, ms < 500 ? 10 : 40);
    }
    cycle.add(1_000, 10);
    assertEquals(20, cycle.ahead(1_490, 20, 5), 1e-9, "half of 40");
    assertEquals(80, cycle.ahead(1_490, 20, 90), 1e-9, "twice 40, not nine times");
    assertTrue(Double.isNaN(new Cycle(1_000).ahead(0, 20, 5)));
  }

  @Test
  void whatWaitsComesOnTop() {
    FakeLoad load = FakeLoad.ready(2).traffic(20, 20).waiting(200, 20_000, 5);
    assertEquals(4, policy().decide(load.load()).replicas(), "2, and 200 within 10 s");
  }
}
