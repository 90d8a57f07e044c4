package dev.forebay.balancing.successrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.HealthPolicyContract;
import dev.forebay.conformance.Outcomes;
import dev.forebay.conformance.TestContext;
import dev.forebay.core.balancing.BalancingService;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SuccessRateTest implements HealthPolicyContract {

  private final TestContext context = TestContext.create();
  private final HealthPolicy policy = plugin().create(context);

  @Override
  public Plugin<HealthPolicy> plugin() {
    return SuccessRate.defaults();
  }

  @Test
  void oneThatFailsHalfOfItsRequestsRestsWhereTheOthersAnswer() {
    long rest = 0;
    for (int i = 0; i < 20 && rest == 0; i++) {
      judge("b", Status.OK);
      judge("c", Status.OK);
      rest = judge("a", i % 2 == 0 ? Status.OK : Status.OVERLOADED);
    }
    assertEquals(30, rest);
  }

  @Test
  void whereEverybodyFailsNobodyIsAnOutlier() {
    for (int i = 0; i < 200; i++) {
      for (String id : new String[] {"a", "b", "c"}) {
        long rest = judge(id, i % 2 == 0 ? Status.OK : Status.OVERLOADED);
        assertEquals(0, rest, id + " after " + i);
      }
    }
  }

  @Test
  void anOutageOfAllEjectsNobodyInAQuietPoolEither() {
    for (int i = 0; i < 50; i++) {
      assertEquals(0, judge("a", Status.OVERLOADED), "the others have hardly been asked");
      assertEquals(0, i % 20 == 0 ? judge("b", Status.OVERLOADED) : 0);
    }
  }

  @Test
  void aBlackHoleRestsThoughTheOthersHaveHadFewRequests() {
    for (int i = 0; i < 4; i++) {
      judge("b", Status.OK);
    }
    long rest = 0;
    for (int i = 0; i < 10; i++) {
      rest = judge("a", Status.OVERLOADED);
    }
    assertEquals(30, rest);
  }

  @Test
  void whoIsAloneIsComparedWithNobody() {
    for (int i = 0; i < 9; i++) {
      assertEquals(0, judge("a", Status.OVERLOADED));
    }
    assertEquals(30, judge("a", Status.OVERLOADED));
  }

  @Test
  void theLongestPauseByDefaultIsThatOfTheStage() {
    assertEquals(
        Options.defaults(BalancingService.Options.class).maxCooldown(),
        SuccessRate.defaults().maxCooldown());
  }

  private void othersAnswer() {
    for (int i = 0; i < 10; i++) {
      judge("b", Status.OK);
    }
  }

  @Test
  void fewRequestsAreNoRate() {
    othersAnswer();
    for (int i = 0; i < 9; i++) {
      assertEquals(0, judge("a", Status.OVERLOADED));
    }
    assertEquals(30, judge("a", Status.OVERLOADED));
  }

  @Test
  void pausesGrowWhereItFailsAgainAtOnce() {
    for (long expected : new long[] {30, 60, 90}) {
      othersAnswer();
      long rest = 0;
      for (int i = 0; i < 10; i++) {
        rest = judge("a", Status.OVERLOADED);
      }
      assertEquals(expected, rest);
      context.passSeconds(rest);
    }
    context.passSeconds(1000);
    othersAnswer();
    for (int i = 0; i < 9; i++) {
      judge("a", Status.OVERLOADED);
    }
    assertEquals(30, judge("a", Status.OVERLOADED), "a long good time ends the growth");
  }

  @Test
  void requestsOfAnEarlierWindowAreForgotten() {
    for (int i = 0; i < 9; i++) {
      judge("a", Status.OVERLOADED);
    }
    context.passSeconds(31);
    othersAnswer();
    assertEquals(0, judge("a", Status.OVERLOADED));
  }

  @Test
  void aLongestCooldownBelowTheFirstIsRefused() {
    Plugin<HealthPolicy> plugin =
        new SuccessRate(
            Duration.ofSeconds(1), 1, 0.1, Duration.ofSeconds(2), Duration.ofSeconds(1));
    String message =
        assertThrows(IllegalArgumentException.class, () -> plugin.create(TestContext.create()))
            .getMessage();
    assertEquals("maxCooldown: PT1S (expected: >= baseCooldown, PT2S)", message);
  }

  private long judge(String id, Status status) {
    Endpoint endpoint = FakeEndpoint.of(id);
    return policy.finished(endpoint, Outcomes.of(status, 0, 1_000)) / 1_000_000_000;
  }
}
