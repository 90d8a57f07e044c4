package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.replay.trace.SyntheticTrace;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.Doc;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * Scenarios of more work than there is room for: each row differs from the others as the texts say,
 * under each seed.
 */
class LimitScenariosTest {

  private static final List<Long> SEEDS = List.of(1L, 2L);

  private static double urgent(Row row) {
    return row.groups().mostUrgent();
  }

  private final Map<String, Cell> cells = new LinkedHashMap<>();

  private void run(String name) {
    run(ScenarioReader.read(name, Bench.REGISTRY, variable -> null));
  }

  private void run(Scenario scenario) {
    List<Combination> chosen =
        scenario.combinations().stream()
            .filter(
                one ->
                    !one.name().equals(ScenarioReader.UNBOUNDED_CACHE)
                        && !one.name().equals(ScenarioReader.CLAIRVOYANT_BALANCER))
            .toList();
    Report report =
        new Comparison(scenario, chosen)
            .run(
                seed -> SyntheticTrace.generate(scenario.synthetic(), seed),
                0,
                SEEDS,
                2,
                (runs, of, row) -> {});
    assertEquals(Map.of(), report.failed());
    report.cells().forEach(cell -> cells.put(cell.combination(), cell));
    assertEquals(chosen.size(), cells.size());
  }

  @Test
  void inABurstWhatWouldBeRefusedBecomesJobsThatAreAllAnswered() {
    run("burst-jobs");
    within("bounded", 0.3, 1, row -> (double) row.rejections() / row.requests());
    within("bounded", 0, 0, row -> row.deferred().requests());
    within("overflow", 0, 0.001, row -> (double) row.rejections() / row.requests());
    within("overflow", 0.3, 1, row -> (double) row.deferred().requests() / row.requests());
    within("overflow", 1, 1, row -> row.deferred().answeredShare());
    within("overflow", 1, 1, LimitScenariosTest::urgent);
    for (Row row : rows("overflow")) {
      long ends = row.ok() + row.failed() + row.rejections() + row.deferred().requests();
      assertEquals(row.requests(), ends);
      assertEquals(
          row.deferred().requests(), JsonReport.row(row).getLong("deferredAnswered").longValue());
    }
  }

  /** A figure of a combination is within bounds under every seed. */
  private void within(String combination, double least, double most, ToDoubleFunction<Row> figure) {
    for (Row row : rows(combination)) {
      double found = figure.applyAsDouble(row);
      assertTrue(
          found >= least && found <= most,
          combination
              + ": "
              + found
              + " (expected: "
              + least
              + " to "
              + most
              + "), seed "
              + row.seed());
    }
  }

  /** One's figure is at least a multiple of the other's under every seed. */
  private void times(String one, double factor, String other, ToDoubleFunction<Row> figure) {
    for (int seed = 0; seed < SEEDS.size(); seed++) {
      double mine = figure.applyAsDouble(rows(one).get(seed));
      double theirs = figure.applyAsDouble(rows(other).get(seed));
      assertTrue(
          mine >= factor * theirs,
          one + ": " + mine + " (expected: " + factor + " x " + theirs + " of " + other + ")");
    }
  }

  private List<Row> rows(String combination) {
    return Objects.requireNonNull(cells.get(combination), combination).rows();
  }

  @Test
  void aBurstLosesUrgentRequestsUnlessTheyComeFirst() {
    run("burst");
    within("baseline", 0, 0.7, LimitScenariosTest::urgent);
    within("fifo", 0, 0.7, LimitScenariosTest::urgent);
    within("aging", 0, 0.9, LimitScenariosTest::urgent);
    within("priority", 0.999, 1, LimitScenariosTest::urgent);
    within("baseline", 0.4, 0.65, Row::answeredOfOffered);
    times("priority", 0.97, "fifo", Row::answeredOfOffered);
  }

  @Test
  void underSustainedOverloadAShortWaitIsWorthMoreThanALongOne() {
    run("sustained-overload");
    times("short-wait", 4, "fifo", Row::goodput);
    times("short-wait", 1, "fifo", Row::answeredOfOffered);
    within("short-wait", 0.25, 0.5, row -> (double) row.rejections() / row.requests());
    within("priority", 0.999, 1, LimitScenariosTest::urgent);
    times("priority", 1.5, "fifo", Row::goodput);
    for (String standing : List.of("codel", "adaptive-lifo")) {
      times(standing, 1.5, "fifo", Row::goodput);
    }
  }

  @Test
  void aNoisyNeighbourTakesThePlaceOfTheOthersUnlessItIsLimited() {
    run("noisy-neighbour");
    for (String shared : List.of("baseline", "fifo", "priority")) {
      within(shared, 0, 0.9, Row::maxMinFairness);
    }
    within("baseline", 0, 0.7, LimitScenariosTest::urgent);
    within("priority", 0.999, 1, LimitScenariosTest::urgent);
    for (String limited : List.of("limit", "token-limit")) {
      within(limited, 0.95, 1, Row::maxMinFairness);
      for (Row row : rows(limited)) {
        row.byTenant()
            .forEach(
                (tenant, served) -> {
                  boolean noisy = tenant.equals("tenant-1");
                  assertEquals(noisy, served.overLimit() > 0, limited + ": " + tenant);
                });
      }
    }
    within("fair", 0.95, 1, Row::maxMinFairness);
    within("urgent-fair", 0.95, 1, Row::maxMinFairness);
    within("urgent-fair", 0.999, 1, LimitScenariosTest::urgent);
    within("fair", 0.9, 1, row -> Objects.requireNonNull(row.byTenant().get("tenant-2")).share());
    within("token-limit", 0.05, 0.5, row -> (double) row.tokensUnused() / row.tokensReserved());
  }

  @Test
  void callersWhoTryAgainMultiplyTheLoad() {
    run("retrying-clients");
    within("baseline", 1.4, 4, LimitScenariosTest::calls);
    times("retry", 1.1, "baseline", LimitScenariosTest::calls);
    times("baseline", 0.97, "retry", Row::answeredOfOffered);
    within("queue", 0.75, 1.01, LimitScenariosTest::calls);
    times("queue", 1.05, "baseline", Row::answeredOfOffered);
    times("baseline", 1.2, "queue", Row::goodput);
    within("limit", 0.5, 1, row -> row.advice().wrongShare());
    times("baseline", 1.02, "limit", Row::answeredOfOffered);
  }

  /** Calls that servers got for each request. */
  private static double calls(Row row) {
    long all = row.byBackend().values().stream().mapToLong(Long::longValue).sum();
    return (double) all / row.requests();
  }

  @Test
  void aLimitThatIsTooHighMovesTheQueueToWhereNobodySortsIt() {
    run("limit-too-high");
    times("right", 5, "too-high", Row::goodput);
    times("learned", 0.9, "right", Row::goodput);
    within("right", 0.5, 1, row -> row.goodput() * seconds(row) / row.requests());
    within("right", 0.999, 1, LimitScenariosTest::urgent);
    within("too-high", 0, 0.999, LimitScenariosTest::urgent);
  }

  /** From the first arrival to the last end: servers are members for all of it. */
  private static double seconds(Row row) {
    return row.spent().replicaHours() * 3600 / 4;
  }

  @Test
  void whoIsInAHurryLeavesALongQueue() {
    run("deadlines");
    within("baseline", 0, 0.9, LimitScenariosTest::urgent);
    within("fifo", 0, 0.9, LimitScenariosTest::urgent);
    within("priority", 0.98, 1, LimitScenariosTest::urgent);
    times("priority", 0.97, "fifo", Row::answeredOfOffered);
    times("deadline", 1.05, "fifo", Row::answeredOfOffered);
  }

  @Test
  void aBurstOf429sIsNotMultipliedByGateways() {
    run("throttled-account");
    for (String row : List.of("baseline", "health")) {
      within(row, 0.8, 1.2, LimitScenariosTest::refusalsOf429s);
    }
    within("retry", 0, 0.1, LimitScenariosTest::refusalsOf429s);
    within("retry", 0.999, 1, Row::answeredOfOffered);
  }

  /** The same with gateways that each rest their account for 30 s: what the scenario is to show. */
  @Test
  void gatewaysThatEachRestTheirAccountMultiplyIt() {
    Registry registry = Bench.REGISTRY.with(Resting.class);
    Map<String, ?> resting =
        Map.of("gateway", Map.of("pipeline", List.of("resting", Map.of("balance", "round-robin"))));
    run(
        ScenarioReader.patched(
            "throttled-account",
            registry,
            Map.of("combinations", Map.of("resting", resting)),
            Map.of()));
    within("resting", 5, 1000, LimitScenariosTest::refusalsOf429s);
  }

  /** Requests that were refused for want of the account's capacity, for each 429 of upstreams. */
  private static double refusalsOf429s(Row row) {
    double refused = row.rejections() + row.failures().getOrDefault("throttled", 0L);
    return refused / row.spent().throttled();
  }

  /** A gateway as it should not be: it refuses everything for 30 s after each 429. */
  @Doc("Refuses for 30 s after a 429.")
  record Resting() implements Plugin<Filter> {
    private static final long REST_NANOS = 30_000_000_000L;

    @Override
    public Filter create(PluginContext context) {
      return new Filter() {
        private long untilNanos = Long.MIN_VALUE;

        @Override
        public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
          Timeline timeline = request.call().timeline();
          if (timeline.nanos() < untilNanos) {
            return Future.failedFuture(Failure.saturated("resting", "the account rests"));
          }
          return next.serve(request)
              .onFailure(
                  thrown -> {
                    if (Failure.from(thrown).status() == Status.THROTTLED) {
                      untilNanos = timeline.nanos() + REST_NANOS;
                    }
                  });
        }
      };
    }
  }
}
