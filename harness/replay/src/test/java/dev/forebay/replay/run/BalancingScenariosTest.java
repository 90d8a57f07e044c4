package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.SyntheticTrace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Each scenario separates the strategies as its text says, under each of three seeds. */
class BalancingScenariosTest {

  private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

  private final Map<String, Cell> cells = new LinkedHashMap<>();

  private void run(String name, String... combinations) {
    Scenario scenario = ScenarioReader.read(name, Bench.REGISTRY, variable -> null);
    List<String> wanted = List.of(combinations);
    List<Combination> chosen =
        scenario.combinations().stream().filter(one -> wanted.contains(one.name())).toList();
    assertEquals(wanted.size(), chosen.size(), name + ": " + chosen);
    new Comparison(scenario, chosen)
        .run(
            seed -> SyntheticTrace.generate(scenario.synthetic(), seed),
            0,
            SEEDS,
            2,
            (runs, of, row) -> {})
        .cells()
        .forEach(cell -> cells.put(cell.combination(), cell));
  }

  private double of(String combination, int seed, ToDoubleFunction<Row> figure) {
    Cell cell = Objects.requireNonNull(cells.get(combination), combination);
    return figure.applyAsDouble(cell.rows().get(seed));
  }

  /** Under every seed, one's figure is less than a share of the other's. */
  private void less(String one, double share, String other, ToDoubleFunction<Row> figure) {
    for (int seed = 0; seed < SEEDS.size(); seed++) {
      double mine = of(one, seed, figure);
      double theirs = of(other, seed, figure);
      assertTrue(
          mine < share * theirs,
          one + ": " + mine + ", " + other + ": " + theirs + ", seed " + SEEDS.get(seed));
    }
  }

  private void available(String combination, double least, double most) {
    for (int seed = 0; seed < SEEDS.size(); seed++) {
      double available = of(combination, seed, Row::availability);
      assertTrue(
          available >= least && available <= most,
          combination + ": " + available + ", seed " + SEEDS.get(seed));
    }
  }

  private static double firstP99(Row row) {
    return row.firstToken().p99();
  }

  private static double mean(Row row) {
    return row.latency().mean();
  }

  @Test
  void aSlowNodeIsSparedByWhoSeesLoadOrTime() {
    List<String> winners =
        List.of("least-connections", "power-of-two", "peak-ewma", "least-outstanding-tokens");
    run(
        "slow-node",
        "baseline",
        "random",
        "least-connections",
        "power-of-two",
        "peak-ewma",
        "least-outstanding-tokens",
        "ip-hash");
    available("baseline", 0, 0.97);
    available("random", 0, 0.97);
    available("ip-hash", 1, 1);
    less("ip-hash", 0.5, "baseline", BalancingScenariosTest::mean); // its bound on load
    for (String winner : winners) {
      available(winner, 1, 1);
      less(winner, 0.2, "baseline", BalancingScenariosTest::firstP99);
      less(winner, 0.9, "ip-hash", BalancingScenariosTest::mean);
    }
  }

  @Test
  void aFlappingNodeIsABlackHoleForWhoCountsInFlightAlone() {
    run(
        "flapping-node",
        "baseline",
        "least-connections",
        "power-of-two",
        "peak-ewma",
        "least-connections-health",
        "max-fails",
        "success-rate",
        "probe",
        "peak-ewma-health-retry");
    less("least-connections", 0.95, "baseline", Row::availability);
    less("power-of-two", 0.97, "baseline", Row::availability);
    available("least-connections-health", 0.96, 1);
    available("max-fails", 0.99, 1);
    available("success-rate", 0.98, 1);
    less("baseline", 1, "probe", Row::availability);
    for (String policy : List.of("least-connections-health", "max-fails", "success-rate")) {
      less("probe", 1, policy, Row::availability);
    }
    available("peak-ewma", 0.99, 1);
    available("peak-ewma-health-retry", 0.999, 1);
  }

  @Test
  void unequalNodesNeedEyesOrWeights() {
    run(
        "heterogeneous",
        "baseline",
        "random",
        "ip-hash",
        "power-of-two",
        "peak-ewma",
        "least-connections",
        "least-outstanding-tokens",
        "weighted-round-robin");
    available("baseline", 0, 0.85);
    available("random", 0, 0.85);
    available("ip-hash", 0, 0.9);
    for (String second : List.of("power-of-two", "peak-ewma")) {
      available(second, 1, 1);
      less(second, 0.6, "baseline", BalancingScenariosTest::mean);
      for (String winner : List.of("least-connections", "least-outstanding-tokens")) {
        less(winner, 0.9, second, BalancingScenariosTest::mean);
      }
    }
    for (String winner :
        List.of("least-connections", "least-outstanding-tokens", "weighted-round-robin")) {
      available(winner, 1, 1);
      less(winner, 0.25, "baseline", BalancingScenariosTest::mean);
    }
  }

  @Test
  void sharedPrefixesRewardWhoKeepsThemTogether() {
    run(
        "shared-prefixes",
        "baseline",
        "least-connections",
        "prefix-affinity",
        "hash-by-prefix",
        "session-affinity");
    less("prefix-affinity", 0.4, "baseline", Row::cost);
    less("hash-by-prefix", 0.5, "baseline", Row::cost);
    less("session-affinity", 0.9, "least-connections", Row::cost);
    less("hash-by-prefix", 0.6, "session-affinity", Row::cost);
    less("hash-by-prefix", 0.85, "session-affinity", BalancingScenariosTest::mean);
    less("session-affinity", 0.9, "least-connections", BalancingScenariosTest::mean);
    less("prefix-affinity", 0.2, "least-connections", row -> row.firstToken().p50());
    less("prefix-affinity", 1, "hash-by-prefix", BalancingScenariosTest::mean);
  }

  @Test
  void aSilentQueueNeverLooksFast() {
    run(
        "silent-queue",
        "baseline",
        "random",
        "least-connections",
        "peak-ewma",
        "first-content-retry",
        "peak-ewma-retry");
    available("baseline", 0.8, 0.9);
    available("random", 0.8, 0.9);
    available("least-connections", 0.97, 1);
    available("peak-ewma", 0.98, 1);
    less("least-connections", 1, "peak-ewma", Row::availability);
    less("least-connections", 0.5, "baseline", BalancingScenariosTest::silent);
    available("first-content-retry", 0.999, 1);
    available("peak-ewma-retry", 0.999, 1);
    less("peak-ewma-retry", 1, "first-content-retry", BalancingScenariosTest::mean);
  }

  private static double silent(Row row) {
    return row.byBackend().getOrDefault("silent", 0L);
  }

  @Test
  void aRollingRestartNeedsHealthASlowStartAndRetries() {
    run(
        "rolling-restart",
        "baseline",
        "least-connections",
        "health",
        "health-slow-start",
        "health-slow-start-retry");
    less("least-connections", 0.9, "baseline", Row::availability);
    available("baseline", 0.9, 0.96);
    available("health", 0.98, 1);
    available("health-slow-start-retry", 0.99, 1);
    less("health-slow-start", 1, "health", BalancingScenariosTest::firstP99);
    less("health-slow-start-retry", 0.5, "health", BalancingScenariosTest::firstP99);
  }

  @Test
  void whoJoinsColdNeedsASlowStart() {
    run(
        "scale-out",
        "baseline",
        "random",
        "slow-start",
        "least-connections",
        "least-connections-slow-start");
    less("slow-start", 0.8, "baseline", BalancingScenariosTest::firstP99);
    less("slow-start", 0.8, "random", BalancingScenariosTest::firstP99);
    less("least-connections", 0.8, "baseline", BalancingScenariosTest::firstP99);
    for (int seed = 0; seed < SEEDS.size(); seed++) {
      long joined = (long) of("slow-start", seed, row -> row.byBackend().getOrDefault("new-1", 0L));
      assertTrue(joined > 100, "it serves in the end: " + joined);
      double inTurn = gain("baseline", "slow-start", seed);
      double byLoad = gain("least-connections", "least-connections-slow-start", seed);
      assertTrue(byLoad < inTurn / 2, "who sees load needs it less: " + byLoad + ", " + inTurn);
    }
  }

  /** By how much a slow start shortens the wait for the first content, in milliseconds. */
  private double gain(String without, String with, int seed) {
    return of(without, seed, BalancingScenariosTest::firstP99)
        - of(with, seed, BalancingScenariosTest::firstP99);
  }

  @Test
  void whoKnowsThePricesPaysLeast() {
    run(
        "prices",
        "baseline",
        "least-connections",
        "session-affinity",
        "prefix-affinity",
        "cost-aware");
    less("prefix-affinity", 0.97, "least-connections", Row::cost);
    less("session-affinity", 0.97, "least-connections", Row::cost);
    for (String other :
        List.of("baseline", "least-connections", "session-affinity", "prefix-affinity")) {
      available(other, 1, 1);
      less("cost-aware", 0.85, other, Row::cost);
      less("cost-aware", 1.3, other, BalancingScenariosTest::mean);
    }
  }
}
