package dev.forebay.scaling.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.FakeLoad;
import dev.forebay.conformance.ScalingPolicyContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.scaling.queue.Queue.Signal;
import dev.forebay.scaling.rules.Metric;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingPolicy.Decision;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueTest implements ScalingPolicyContract {

  @Override
  public Plugin<ScalingPolicy> plugin() {
    return Queue.defaults();
  }

  private static ScalingPolicy by(Metric metric, double target) {
    return Queue.defaults()
        .withSignals(List.of(new Signal(metric, target)))
        .withUtilisation(1)
        .withRequestsPerSecond(10)
        .create(TestContext.create());
  }

  @Test
  void arrivalsNeedTheMembersThatTheyKeepBusy() {
    Decision decision = by(Metric.WAIT, 1).decide(FakeLoad.ready(2).traffic(45, 20).load());
    assertEquals(5, decision.replicas());
    assertEquals("arrivals", decision.rule());
  }

  @Test
  void whatWaitsTooLongIsServedWithinTheTarget() {
    FakeLoad load = FakeLoad.ready(2).traffic(20, 20).waiting(60, 6_000, 3);
    Decision decision = by(Metric.WAIT, 2).decide(load.load());
    assertEquals(
        4, decision.replicas(), "2 for 20/s, 2 for 60: each takes 10 at once and 20 within 2 s");
    assertEquals("wait", decision.rule());
    FakeLoad soon = FakeLoad.ready(2).traffic(20, 20).waiting(15, 1_500, 1.5);
    assertEquals(2, by(Metric.WAIT, 2).decide(soon.load()).replicas(), "it does not wait too long");
  }

  @Test
  void waitingTokensAreSharedByMembers() {
    FakeLoad load = FakeLoad.ready(2).traffic(20, 20).waiting(60, 30_000, 0.1);
    assertEquals(5, by(Metric.WAITING_TOKENS, 10_000).decide(load.load()).replicas());
  }

  @Test
  void aSlowFirstContentAtMostDoublesTheReadyMembers() {
    FakeLoad slow = FakeLoad.ready(4).traffic(10, 10).firstContent(1.5);
    assertEquals(6, by(Metric.FIRST_CONTENT, 1).decide(slow.load()).replicas());
    FakeLoad slower = FakeLoad.ready(4).coming(4).traffic(10, 10).firstContent(9);
    assertEquals(8, by(Metric.FIRST_CONTENT, 1).decide(slower.load()).replicas());
  }

  @Test
  void theThroughputIsLearnedWhileRequestsWait() {
    ScalingPolicy policy = Queue.defaults().withUtilisation(1).create(TestContext.create());
    FakeLoad first = FakeLoad.ready(2).traffic(10, 8).waiting(0, 0, 0).at(15);
    assertEquals(3, policy.decide(first.load()).replicas(), "4 each at least");
    FakeLoad full = FakeLoad.ready(2).traffic(30, 20).waiting(10, 100, 0.5).at(30);
    assertTrue(policy.decide(full.load()).inputs().contains("5.86 each"));
  }

  @Test
  void membersThatHaveJustBegunDoNotLookSlow() {
    ScalingPolicy policy = Queue.defaults().create(TestContext.create());
    policy.decide(FakeLoad.ready(2).traffic(8, 0).underWay(0).at(15).load());
    FakeLoad begun = FakeLoad.ready(2).traffic(8, 2).underWay(90).waiting(5, 500, 0.1).at(30);
    String inputs = policy.decide(begun.load()).inputs();
    assertTrue(inputs.contains("2.50 each"), "2/s, and half of 90 within 15 s: " + inputs);
  }

  @Test
  void aLittleMoreThanTheMembersDoIsWithinTheTolerance() {
    FakeLoad close = FakeLoad.ready(10).traffic(109, 100).waiting(3, 300, 0.5);
    assertEquals(10, by(Metric.WAIT, 1).decide(close.load()).replicas());
    FakeLoad more = FakeLoad.ready(10).traffic(111, 100).waiting(3, 300, 0.5);
    assertEquals(12, by(Metric.WAIT, 1).decide(more.load()).replicas());
    FakeLoad waits = FakeLoad.ready(10).traffic(105, 100).waiting(3, 300, 2);
    assertEquals(11, by(Metric.WAIT, 1).decide(waits.load()).replicas(), "they wait too long");
  }

  @Test
  void whatIsUnknownDoesNotShrinkThePool() {
    Decision decision =
        Queue.defaults()
            .create(TestContext.create())
            .decide(FakeLoad.ready(3).traffic(2, 0).waiting(0, 0, 0).load());
    assertEquals(3, decision.replicas());
    assertEquals("throughput is unknown yet", decision.rule());
  }

  @Test
  void figuresWithACeilingAreRefused() {
    for (Metric metric : List.of(Metric.IN_FLIGHT, Metric.CPU, Metric.MEMORY)) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> new Signal(metric, 1));
      assertTrue(
          String.valueOf(refused.getMessage())
              .contains("(expected: wait, waiting-tokens, first-content"),
          refused.getMessage());
    }
  }
}
