package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.PoolLoad.State;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingPolicy.Decision;
import org.junit.jupiter.api.Test;

/** Rules for scaling policies: S1 and following of {@code docs/spec.md}. */
public interface ScalingPolicyContract extends PluginContract<ScalingPolicy> {

  /** Seconds between two decisions. */
  long INTERVAL = 15;

  private ScalingPolicy policy() {
    return plugin().create(lend(TestContext.create()));
  }

  /** A load that needs about as many times the ready members. */
  private static FakeLoad loaded(int ready, double times, long second) {
    double each = 100;
    int waiting = (int) Math.max(0, (times - 1) * ready * each);
    return FakeLoad.ready(0)
        .members(ready, State.READY, Math.min(1, times), Math.min(1, times / 2))
        .at(second)
        .traffic(ready * each * times, ready * each * Math.min(1, times))
        .waiting(waiting, waiting * 100L, waiting == 0 ? 0 : 5 * times)
        .firstContent(0.3 * times);
  }

  /** S1: it decides within the bounds. */
  @Test
  default void s1_decisionsAreWithinTheBounds() {
    Rule.check(
        this,
        "S1",
        () -> {
          ScalingPolicy policy = policy();
          int replicas = 4;
          for (int i = 0; i < 400; i++) {
            double times = i % 100 < 50 ? 20 : 0.01;
            PoolLoad load = loaded(replicas, times, i * INTERVAL).between(3, 9).load();
            Decision decision = policy.decide(load);
            require(
                decision.replicas() >= 3 && decision.replicas() <= 9,
                "%d replicas of 3 to 9, at %.2f times the load",
                decision.replicas(),
                times);
            replicas = decision.replicas();
          }
        });
  }

  /** S2: a load of which nothing is known changes nothing. */
  @Test
  default void s2_withoutFiguresNothingChanges() {
    Rule.check(
        this,
        "S2",
        () -> {
          ScalingPolicy policy = policy();
          int replicas = policy.decide(FakeLoad.ready(5).at(INTERVAL).load()).replicas();
          for (int i = 2; i < 400; i++) {
            PoolLoad load = FakeLoad.ready(replicas).at(i * INTERVAL).load();
            Decision decision = policy.decide(load);
            require(
                decision.replicas() == replicas,
                "%d replicas from %d, and nothing is known (expected: no change)",
                decision.replicas(),
                replicas);
          }
        });
  }

  /** S3: what waits for members that are ordered orders no more of them. */
  @Test
  default void s3_whatWaitsForOrderedMembersOrdersNoMore() {
    Rule.check(
        this,
        "S3",
        () -> {
          ScalingPolicy policy = policy();
          int ordered = 4;
          int reached = 0;
          for (int i = 1; i <= 40; i++) {
            PoolLoad load = loaded(4, 2, i * INTERVAL).coming(ordered - 4).between(1, 1_000).load();
            ordered = Math.max(4, policy.decide(load).replicas());
            reached = i <= 20 ? ordered : reached;
          }
          require(
              ordered <= reached && ordered <= 40,
              "%d replicas after 5 minutes and %d after 10, of the same load (expected: no more)",
              reached,
              ordered);
        });
  }

  /** S4: a steady load leads to a steady number. */
  @Test
  default void s4_aSteadyLoadLeadsToASteadyNumber() {
    Rule.check(
        this,
        "S4",
        () -> {
          ScalingPolicy policy = policy();
          int replicas = 5;
          double demand = 3.1;
          for (int i = 1; i < 480; i++) {
            int before = replicas;
            PoolLoad load =
                loaded(Math.max(1, replicas), demand / Math.max(1, replicas), i * INTERVAL).load();
            replicas = policy.decide(load).replicas();
            require(
                i < 120 || replicas == before,
                "%d replicas from %d, after %d minutes of the same load",
                replicas,
                before,
                i / 4);
          }
        });
  }

  /** S5: figures of members on their way say nothing. */
  @Test
  default void s5_figuresOfComingMembersSayNothing() {
    Rule.check(
        this,
        "S5",
        () -> {
          Figure wild = new Figure(7, 0);
          for (double times : new double[] {0.3, 0.7, 1, 1.5}) {
            FakeLoad silent = loaded(4, times, INTERVAL).coming(2);
            FakeLoad loud = loaded(4, times, INTERVAL).measured(2, State.COMING, wild, wild);
            int expected = policy().decide(silent.load()).replicas();
            int found = policy().decide(loud.load()).replicas();
            require(
                expected == found,
                "%d replicas, and %d if members on their way say that they are full",
                expected,
                found);
          }
        });
  }

  /** S6: an arrival at an empty pool brings a member. */
  @Test
  default void s6_optional_anArrivalAtAnEmptyPoolBringsAMember() {
    Rule.check(
        this,
        "S6",
        () -> {
          PoolLoad load =
              new FakeLoad().between(0, 10).replicas(0).traffic(0.1, 0).waiting(2, 200, 3).load();
          int replicas = policy().decide(load).replicas();
          require(replicas >= 1, "%d replicas (expected: 1 at least)", replicas);
        });
  }

  /** S7: each decision says its rule and what it was made of. */
  @Test
  default void s7_eachDecisionSaysItsRuleAndItsInputs() {
    Rule.check(
        this,
        "S7",
        () -> {
          for (double times : new double[] {0.2, 1, 3}) {
            Decision decision = policy().decide(loaded(4, times, INTERVAL).load());
            require(!decision.rule().isBlank(), "no rule (expected: why it is so)");
            require(!decision.inputs().isBlank(), "no inputs (expected: the figures)");
            require(
                (decision.rule() + decision.inputs()).lines().count() == 1,
                "several lines (expected: one): %s %s",
                decision.rule(),
                decision.inputs());
          }
        });
  }
}
