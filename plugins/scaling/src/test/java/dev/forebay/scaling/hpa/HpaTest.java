package dev.forebay.scaling.hpa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.FakeLoad;
import dev.forebay.conformance.ScalingPolicyContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.scaling.hpa.Hpa.Target;
import dev.forebay.scaling.rules.Change;
import dev.forebay.scaling.rules.Direction;
import dev.forebay.scaling.rules.Direction.Select;
import dev.forebay.scaling.rules.Metric;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.PoolLoad.State;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingPolicy.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The examples of Kubernetes' documentation ("Horizontal Pod Autoscaling" and its walkthrough), and
 * each rule of its controller.
 */
class HpaTest implements ScalingPolicyContract {

  private static final Direction FREE = new Direction(0.1, Duration.ZERO, List.of(), Select.MAX);

  @Override
  public Plugin<ScalingPolicy> plugin() {
    return Hpa.defaults();
  }

  private static ScalingPolicy by(Metric metric, double average) {
    return policy(Hpa.defaults().withMetrics(List.of(new Target(metric, average))));
  }

  /** Without windows and rates. */
  private static ScalingPolicy free(Target... targets) {
    return policy(Hpa.defaults().withMetrics(List.of(targets)).withUp(FREE).withDown(FREE));
  }

  private static ScalingPolicy policy(Hpa options) {
    return options.create(TestContext.create());
  }

  private static Target cpu(double average) {
    return new Target(Metric.CPU, average);
  }

  private static Target rps(double average) {
    return new Target(Metric.REQUESTS_PER_SECOND, average);
  }

  private static int cpu(double target, FakeLoad load) {
    return free(cpu(target)).decide(load.load()).replicas();
  }

  @Test
  void twiceTheTargetDoublesAndHalfHalves() {
    assertEquals(8, cpu(0.1, FakeLoad.cpu(4, 0.2)), "200m of 100m: 200/100 = 2.0");
    assertEquals(2, cpu(0.1, FakeLoad.cpu(4, 0.05)), "50m of 100m: 50/100 = 0.5");
  }

  @Test
  void theWalkthroughScalesOneToSevenAndBackToOne() {
    assertEquals(7, cpu(0.5, FakeLoad.cpu(1, 3.05)), "305 % of 50 %");
    assertEquals(1, cpu(0.5, FakeLoad.cpu(7, 0)), "0 % of 50 %: at least min");
  }

  @Test
  void withinTheToleranceNothingChanges() {
    assertEquals(10, cpu(0.7, FakeLoad.cpu(10, 0.77)), "1.1");
    assertEquals(12, cpu(0.7, FakeLoad.cpu(10, 0.78)), "1.11: ceil(11.14)");
    assertEquals(10, cpu(0.7, FakeLoad.cpu(10, 0.63)), "0.9");
    assertEquals(9, cpu(0.7, FakeLoad.cpu(10, 0.62)), "0.886: ceil(8.86)");
  }

  @Test
  void eachDirectionHasAToleranceOfItsOwn() {
    Direction eager = new Direction(0, Duration.ZERO, List.of(), Select.MAX);
    Hpa options = Hpa.defaults().withMetrics(List.of(rps(4))).withUp(eager).withDown(FREE);
    FakeLoad tasks = FakeLoad.ready(10).traffic(43, 40);
    assertEquals(11, policy(options).decide(tasks.load()).replicas(), "7 % above grows");
    assertEquals(
        10,
        policy(options.withUp(FREE)).decide(tasks.load()).replicas(),
        "with 10 %, 43 tasks of 4 on 10 replicas do not");
    assertEquals(10, policy(options).decide(FakeLoad.ready(10).traffic(37, 40).load()).replicas());
  }

  @Test
  void useIsAWholePercentRoundedDown() {
    assertEquals(10, cpu(0.7, FakeLoad.cpu(10, 0.7799)), "77 % of 70 % is 1.1");
  }

  @Test
  void membersWithoutAFigureCountAsFullOnTheWayDown() {
    FakeLoad load = FakeLoad.cpu(3, 0.2).members(1, State.READY, null, null);
    assertEquals(4, cpu(0.5, load), "(3 × 20 + 100)/4 = 40 of 50: ceil(0.8 × 4)");
    FakeLoad idle = FakeLoad.cpu(7, 0.1).members(1, State.READY, null, null);
    assertEquals(4, cpu(0.5, idle), "(7 × 10 + 100)/8 = 21 of 50: ceil(0.42 × 8)");
  }

  @Test
  void theyCountAsTheTargetIfThatIsAboveHundredPercent() {
    FakeLoad load = FakeLoad.cpu(7, 0.5).members(1, State.READY, null, null);
    assertEquals(3, cpu(3, load), "(7 × 50 + 300)/8 = 81 of 300: ceil(0.27 × 8)");
  }

  @Test
  void membersWithoutAFigureCountAsIdleOnTheWayUp() {
    FakeLoad load = FakeLoad.cpu(3, 0.9).members(1, State.READY, null, null);
    assertEquals(6, cpu(0.5, load), "(3 × 90 + 0)/4 = 67 of 50: ceil(1.34 × 4)");
  }

  @Test
  void aDirectionThatTurnsAroundChangesNothing() {
    FakeLoad up = FakeLoad.cpu(2, 0.6).members(2, State.READY, null, null);
    assertEquals(4, cpu(0.5, up), "1.2, with the missing 0.6");
    FakeLoad down = FakeLoad.cpu(2, 0.4).members(2, State.READY, null, null);
    assertEquals(4, cpu(0.5, down), "0.8, with the missing 1.4");
  }

  @Test
  void aCountAgainstTheDirectionChangesNothing() {
    FakeLoad load = FakeLoad.cpu(4, 0.4).members(4, State.READY, 0.4, null).replicas(4);
    FakeLoad missing = FakeLoad.cpu(7, 0.3).members(1, State.READY, null, null).replicas(4);
    assertEquals(7, cpu(0.5, load), "0.8 × 8 ready is 7: no rule without missing members");
    assertEquals(4, cpu(0.5, missing), "ceil(0.76 × 8) = 7 is more than 4, on the way down");
  }

  @Test
  void membersOnTheirWayAreLeftOutAndCountAsIdleOnTheWayUp() {
    assertEquals(3, cpu(0.5, FakeLoad.cpu(3, 0.25).coming(3).replicas(6)) + 1, "0.5 × 3 ready");
    assertEquals(6, cpu(0.5, FakeLoad.cpu(3, 0.9).coming(1)), "(270 + 0)/4 = 67 of 50");
    assertEquals(6, cpu(0.5, FakeLoad.cpu(3, 0.9).coming(3)), "(270 + 0)/6 = 45 of 50: turned");
  }

  @Test
  void overloadThatMakesMembersUnreadyIsStillSeen() {
    FakeLoad load = new FakeLoad().members(4, State.UNREADY, 1.0, null);
    assertEquals(8, cpu(0.5, load), "they were ready once: their figures count");
  }

  @Test
  void anOldFigureIsNone() {
    FakeLoad stale =
        new FakeLoad().measured(2, State.READY, new Figure(0.9, 61_000_000_000L), null);
    Decision decision = free(cpu(0.5)).decide(stale.load());
    assertEquals(2, decision.replicas());
    assertEquals("no metric is valid", decision.rule());
  }

  @Test
  void theHighestOfSeveralMetricsWins() {
    ScalingPolicy policy = free(cpu(0.7), new Target(Metric.MEMORY, 0.85), rps(500));
    FakeLoad load =
        new FakeLoad().members(3, State.READY, 0.7, 0.85).between(3, 20).traffic(2_600, 2_600);
    Decision decision = policy.decide(load.load());
    assertEquals(6, decision.replicas());
    assertEquals("highest: requests-per-second", decision.rule());
    assertTrue(
        decision.inputs().contains("cpu 70 % of 70 % (3 ready, 0 coming"), decision.inputs());
  }

  @Test
  void anInvalidMetricForbidsShrinkingAndNotGrowing() {
    ScalingPolicy policy = free(cpu(0.7), rps(500));
    Decision down = policy.decide(FakeLoad.ready(6).traffic(1_000, 1_000).load());
    assertEquals(6, down.replicas());
    assertEquals("cpu is missing, and the others would scale down", down.rule());
    Decision up = policy.decide(FakeLoad.ready(6).traffic(4_000, 4_000).load());
    assertEquals(8, up.replicas());
  }

  @Test
  void anExternalMetricIsDividedByItsAverage() {
    assertEquals(3, external(3, 1_600), "1600/(500 × 3) = 1.07 is within the tolerance");
    assertEquals(4, external(3, 1_700), "ceil(1700/500)");
    assertEquals(2, external(3, 900), "ceil(900/500)");
  }

  private static int external(int ready, double total) {
    return free(rps(500)).decide(FakeLoad.ready(ready).traffic(total, total).load()).replicas();
  }

  @Test
  void fromZeroThereIsNoTolerance() {
    FakeLoad load = new FakeLoad().between(0, 20).replicas(0).traffic(10, 0);
    assertEquals(1, free(rps(500)).decide(load.load()).replicas());
    FakeLoad idle = FakeLoad.ready(2).between(0, 20).traffic(0, 0);
    assertEquals(0, free(rps(500)).decide(idle.load()).replicas(), "to zero");
  }

  @Test
  void zeroReplicasAreOffUnlessMinIsZero() {
    FakeLoad load = new FakeLoad().between(1, 20).replicas(0).traffic(10_000, 0);
    Decision decision = free(rps(500)).decide(load.load());
    assertEquals(0, decision.replicas());
    assertTrue(decision.rule().startsWith("disabled"), decision.rule());
  }

  @Test
  void boundsComeFirst() {
    FakeLoad above = FakeLoad.cpu(30, 0.9).between(3, 20);
    assertEquals(20, free(cpu(0.7)).decide(above.load()).replicas());
    FakeLoad below = FakeLoad.cpu(2, 0.1).between(3, 20);
    assertEquals(3, free(cpu(0.7)).decide(below.load()).replicas());
  }

  @Test
  void theHighestRecommendationOfTheWindowHoldsOnTheWayDown() {
    ScalingPolicy policy = by(Metric.CPU, 0.5);
    assertEquals(10, policy.decide(FakeLoad.cpu(10, 0.5).at(0).load()).replicas());
    assertEquals(10, policy.decide(FakeLoad.cpu(10, 0.2).at(15).load()).replicas());
    assertEquals("scale-down window", policy.decide(FakeLoad.cpu(10, 0.2).at(285).load()).rule());
    assertEquals(10, policy.decide(FakeLoad.cpu(10, 0.3).at(299).load()).replicas());
    assertEquals(6, policy.decide(FakeLoad.cpu(10, 0.2).at(300).load()).replicas(), "of 4 and 6");
  }

  @Test
  void theReplicasAtTheFirstDecisionAreTheFirstRecommendation() {
    ScalingPolicy policy = by(Metric.CPU, 0.5);
    Decision first = policy.decide(FakeLoad.cpu(10, 0.2).at(1_000).load());
    assertEquals(10, first.replicas(), "a controller that starts does not shrink at once");
    assertEquals("scale-down window", first.rule());
    assertEquals(10, policy.decide(FakeLoad.cpu(10, 0.2).at(1_299).load()).replicas());
    assertEquals(4, policy.decide(FakeLoad.cpu(10, 0.2).at(1_300).load()).replicas());
  }

  @Test
  void theLeastRecommendationOfTheWindowHoldsOnTheWayUp() {
    Direction calm = new Direction(0.1, Duration.ofSeconds(60), List.of(), Select.MAX);
    ScalingPolicy policy =
        policy(Hpa.defaults().withMetrics(List.of(cpu(0.5))).withUp(calm).withDown(FREE));
    assertEquals(4, policy.decide(FakeLoad.cpu(4, 0.5).at(0).load()).replicas());
    assertEquals(4, policy.decide(FakeLoad.cpu(4, 1.0).at(15).load()).replicas());
    assertEquals(6, policy.decide(FakeLoad.cpu(4, 0.75).at(60).load()).replicas(), "of 8 and 6");
  }

  @Test
  void byDefaultItGrowsByFourOrDoublesIn15Seconds() {
    assertEquals(List.of(1, 5, 10, 20, 40, 80, 100), growth(by(Metric.CPU, 0.1), 1));
  }

  /** The replicas at each 15 s of a load that has no end. */
  private static List<Integer> growth(ScalingPolicy policy, int from) {
    List<Integer> all = new ArrayList<>(List.of(from));
    for (int i = 1; i < 7; i++) {
      FakeLoad load = FakeLoad.cpu(all.getLast(), 10).at(15L * i);
      all.add(policy.decide(load.load()).replicas());
    }
    return all;
  }

  private static Direction down(Select select) {
    Duration minute = Duration.ofSeconds(60);
    return new Direction(
        0.1,
        Duration.ZERO,
        List.of(
            new Change(Change.By.MEMBERS, 4, minute), new Change(Change.By.PERCENT, 10, minute)),
        select);
  }

  /** The replicas at the end of each minute of an idle pool, with decisions each 15 s. */
  private static List<Integer> shrinking(Select select, int from, int minutes) {
    ScalingPolicy policy =
        policy(Hpa.defaults().withMetrics(List.of(cpu(0.5))).withDown(down(select)));
    List<Integer> all = new ArrayList<>();
    int replicas = from;
    for (int i = 0; i < minutes * 4; i++) {
      FakeLoad load = FakeLoad.cpu(replicas, 0.01).at(15L * i).between(10, 100);
      replicas = policy.decide(load.load()).replicas();
      if (i % 4 == 3) {
        all.add(replicas);
      }
    }
    return all;
  }

  @Test
  void ofTwoPoliciesTheOneWithTheMostChangeHolds() {
    assertEquals(
        List.of(72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10),
        shrinking(Select.MAX, 80, 14),
        "80: 8 leave; of 72 10 % is 7.2, rounded up to 8; from 40 on it is 4 at a time");
  }

  @Test
  void minTakesTheLeastChangeAndDisabledNone() {
    assertEquals(List.of(76, 72, 68), shrinking(Select.MIN, 80, 3));
    assertEquals(List.of(80, 80), shrinking(Select.DISABLED, 80, 2));
  }

  @Test
  void onlyChangesThatWereMadeCountTowardsTheRate() {
    ScalingPolicy policy =
        policy(Hpa.defaults().withMetrics(List.of(cpu(0.5))).withDown(down(Select.MAX)));
    assertEquals(72, policy.decide(FakeLoad.cpu(80, 0.01).at(0).load()).replicas());
    assertEquals(
        72, policy.decide(FakeLoad.cpu(80, 0.01).at(15).load()).replicas(), "it was not done");
    assertEquals(72, policy.decide(FakeLoad.cpu(72, 0.01).at(30).load()).replicas(), "it was");
  }

  @Test
  void aShareIsNoPercentageAndAtLeastOnePercent() {
    assertEquals(
        "average: 70.0 (expected: a share from 0.01 to 10, such as 0.7 for 70 %)",
        assertThrows(IllegalArgumentException.class, () -> cpu(70)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Target(Metric.MEMORY, 0.004));
    assertEquals(500, rps(500).average());
    assertEquals(0.01, cpu(0.01).average());
  }

  @Test
  void aGaugeWithACeilingIsRefused() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> new Target(Metric.IN_FLIGHT, 10));
    assertEquals(
        "metric: in-flight (expected: cpu, memory, requests-per-second; requests in flight end at"
            + " the servers' slots, so they may never reach a target)",
        refused.getMessage());
  }

  @Test
  void theDefaultsAreThoseOfTheDocuments() {
    assertEquals(
        List.of(cpu(0.7), new Target(Metric.MEMORY, 0.85), rps(500)), Hpa.defaults().metrics());
    assertEquals(Duration.ofMinutes(5), Hpa.defaults().down().window());
  }
}
