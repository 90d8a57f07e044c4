package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.asking;
import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.PrefixHashes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every figure of a report against one computed by hand; see {@link Bench}. */
class FiguresTest {

  private static final double EXACT = 1e-6;
  private static final String PLAIN = "[{ balance: round-robin }]";

  @TempDir private Path folder;

  @Test
  void oneRequestAlone() {
    Row row = run(PLAIN, trace(at(0)));
    assertEquals(1, row.ok());
    assertEquals(new Distribution(140, 140, 140, 140), row.latency());
    assertEquals(new Distribution(100, 100, 100, 100), row.firstToken());
    assertEquals(10, row.interToken().mean(), 0.01);
    assertEquals(5, row.events());
    assertEquals(Map.of("a", 1L), row.byBackend());
    assertEquals(1 / 0.140, row.goodput(), EXACT);
    assertEquals(0.5, row.utilisation(), EXACT, "one of two slots");
    assertEquals((100 * 0.15 + 5 * 0.60) / 1e6, row.cost(), 1e-12);
    assertEquals(1, row.availability());
    assertEquals(1, row.fairness());
    assertEquals(0, row.cacheHitRate());
    // 100 ms of prefill and four steps of which one of two slots has its half.
    assertEquals((0.100 + 4 * 0.010 / 2) / 0.140, row.spent().work(), EXACT);
    assertEquals(0.140 / 3600, row.spent().replicaHours(), EXACT);
  }

  /** Runs begin at midnight UTC: the second request comes at one o'clock. */
  @Test
  void tokensCostWhatTheirModelCostsAtTheirTime() {
    String text =
        Bench.FLEET
            + """
            prices:
              prompt: 9
              output: 9
              models:
                simulated:
                  { prompt: 1, output: 10, peaks: [{ hours: ["01:00-02:00"], factor: 3 }] }
            combinations: { it: { gateway: { pipeline: [balance: round-robin] } } }
            """;
    Scenario scenario = Bench.scenario(folder, Bench.REGISTRY, text);
    Trace trace = trace(at(0), at(3_600_000));
    Row row =
        new Comparison(scenario, scenario.combinations().subList(1, 2))
            .run(seed -> trace, 0, List.of(1L), 1, (runs, of, done) -> {})
            .cells()
            .get(0)
            .rows()
            .get(0);
    assertEquals("it", row.combination());
    assertEquals((100 + 5 * 10) * (1 + 3) / 1e6, row.cost(), 1e-12);
  }

  @Test
  void theGatewayAddsItsOwnTimeToEachRequest() {
    String text =
        Bench.FLEET.replace("overhead: 0s", "overhead: 3ms")
            + "combinations:\n"
            + "  it: { gateway: { pipeline: [{ cache: { store: lru } }, { balance: round-robin }] }"
            + " }";
    Scenario scenario = Bench.scenario(folder, Bench.REGISTRY, text);
    Row row =
        new Comparison(scenario, scenario.combinations().subList(1, 2))
            .run(
                seed -> trace(asking(7, at(0)), asking(7, at(1_000))),
                0,
                List.of(1L),
                1,
                (runs, of, done) -> {})
            .cells()
            .get(0)
            .rows()
            .get(0);
    assertEquals(143, row.latencies().computed().mean(), EXACT);
    assertEquals(3, row.latencies().hits().mean(), EXACT);
    assertEquals(103, row.firstToken().p99(), EXACT);
  }

  @Test
  void percentilesAreOfRanks() {
    Row row = run(PLAIN, trace(at(0), at(1_000), at(2_000).withPrompt(1, none(), 100, 25)));
    assertEquals(new Distribution((140 + 140 + 340) / 3.0, 140, 340, 340), row.latency());
  }

  @Test
  void aHitAndAJoinerCostNothing() {
    Trace trace = trace(asking(7, at(0)), asking(7, at(50)), asking(7, at(1_000)));
    Row row = run("[{ cache: { store: lru } }, { balance: round-robin }]", trace);
    assertEquals(3, row.ok());
    assertEquals(2 / 3.0, row.cacheHitRate(), EXACT);
    assertEquals(Map.of("a", 1L), row.byBackend());
    assertEquals((140 + 90 + 0) / 3.0, row.latency().mean(), EXACT);
    assertEquals(1, row.plugin().get("cache.joins"));
  }

  @Test
  void waitsInTheQueueAreAHistogramInSeconds() {
    String one = "{ admit: { limit: { plugin: fixed, limit: 1 }, queue: fifo } }";
    Row row = run("[" + one + ", { balance: round-robin }]", trace(at(0), at(0), at(0), at(0)));
    var waits = Objects.requireNonNull(row.histograms().get("admit.wait_seconds"));
    assertEquals(3, waits.count());
    assertEquals((140 + 280 + 420) / 1000.0, waits.sum(), EXACT);
    assertEquals(0.280, waits.quantile(0.5), 0.280 / 16);
  }

  @Test
  void hitsAndComputedAnswersAreTimedApart() {
    Trace trace = trace(asking(7, at(0)), asking(7, at(50)), asking(7, at(1_000)));
    Latencies times =
        run("[{ cache: { store: lru } }, { balance: round-robin }]", trace).latencies();
    assertEquals(140, times.computed().mean(), EXACT);
    assertEquals(45, times.hits().mean(), EXACT);
    assertEquals((140 + 90 + 0) / 3.0, times.all().mean(), EXACT);
  }

  @Test
  void whoeverIsNotAnsweredHasWaitedForAllOfTheCallersPatience() {
    Row row = run(PLAIN, trace(at(0), at(1_000).withPrompt(1, none(), 40_000, 5)));
    assertEquals((140 + 30_000) / 2.0, row.latencies().all().mean(), EXACT);
    Row refused =
        run(
            "[{ rate-limit: { by: { plugin: token-bucket, per: tenant, rate: 0.001, burst: 1 } } },"
                + " { balance: round-robin }]",
            trace(at(0).from("x", null), at(1_000).from("x", null)));
    assertEquals((140 + 30_000) / 2.0, refused.latencies().all().mean(), EXACT);
    assertEquals(140, refused.latency().mean(), EXACT);
  }

  @Test
  void aRefusalIsNeedlessIfAServerHadRoomAndTime() {
    String limited =
        "[{ rate-limit: { by: { plugin: token-bucket, per: tenant, rate: 0.001, burst: 2 } } },"
            + " { balance: round-robin }]";
    // Both slots are taken until 140 ms: the third is refused for want of room, the fourth not.
    Row row =
        run(
            limited,
            trace(
                at(0).from("x", null),
                at(1).from("x", null),
                at(2).from("x", null),
                at(1_000).from("x", null)));
    assertEquals(2, row.rejections());
    assertEquals(1, row.needless());
    // 40 s of prefill are more than the caller's 30 s, on however idle a server.
    Row late =
        run(
            limited,
            trace(
                at(0).from("x", null),
                at(1).from("x", null),
                at(1_000).from("x", null).withPrompt(1, none(), 40_000, 5)));
    assertEquals(1, late.rejections());
    assertEquals(0, late.needless());
  }

  @Test
  void fairnessNeedsAnswers() {
    Row row = run(PLAIN, trace(at(0).withPrompt(1, none(), 40_000, 5)));
    assertEquals(0, row.ok());
    assertEquals(0, row.fairness());
  }

  @Test
  void otherTenantsAnswersAreNotShared() {
    Trace trace = trace(asking(7, at(0)).from("x", null), asking(7, at(1_000)).from("y", null));
    Row row = run("[{ cache: { store: lru } }, { balance: round-robin }]", trace);
    assertEquals(0, row.cacheHitRate());
    assertEquals(Map.of("a", 2L), row.byBackend());
  }

  @Test
  void aQuotaCountsOnNeitherSideOfAvailability() {
    Trace trace =
        trace(
            at(0).from("x", null),
            at(1_000).from("x", null),
            at(2_000).from("y", null),
            at(3_000).from("y", null),
            at(4_000).from("y", null),
            at(5_000).from("y", null));
    Row row =
        run(
            "[{ rate-limit: { by: { plugin: token-bucket, per: tenant, rate: 0.001, burst: 2 } } },"
                + " { balance: round-robin }]",
            trace);
    assertEquals(4, row.ok());
    assertEquals(Map.of("rate_limited", 2L), row.rejected());
    assertEquals(1, row.availability());
    assertEquals(4 / 6.0, row.answeredOfOffered(), EXACT);
    // Shares 1 and 1/2: (3/2)^2 / (2 x (1 + 1/4)).
    assertEquals(0.9, row.fairness(), EXACT);
    // Of four answers each could have two: that is what each got.
    assertEquals(1, row.maxMinFairness(), EXACT);
    assertEquals(new Served(4, 2, 2, 2), row.byTenant().get("y"));
    assertEquals(new Served(6, 4, 2, 2), row.byPriority().get(1));
  }

  /** Shares of 8, 1 and 1 of ten answers: of the ten, 4, 3 and 3 would have been fair. */
  @Test
  void whatTenantsGetIsComparedWithTheirMaxMinFairShares() {
    List<Served> tenants =
        List.of(
            new Served(20, 8, 0, 0), new Served(3, 1, 0, 0), new Served(3, 1, 0, 0), Served.NONE);
    List<Served> three = tenants.subList(0, 3);
    double sum = 8 / 4.0 + 1 / 3.0 + 1 / 3.0;
    double squares = 4 + 1 / 9.0 + 1 / 9.0;
    assertEquals(sum * sum / (3 * squares), Fairness.ofMaxMin(three), EXACT);
    assertEquals(0, Fairness.ofMaxMin(List.of(new Served(5, 0, 0, 0))));
    assertEquals(1, Fairness.ofMaxMin(List.of(new Served(5, 2, 0, 0))));
  }

  /** 1,024 tokens are taken for each answer of which nothing is known, and 100 of the prompt. */
  @Test
  void tokensThatALimitTakesInAdvanceAreCounted() {
    Row row =
        run(
            "[{ rate-limit: { by: { plugin: token-bucket, of: tokens, rate: 9000, burst: 9000 } } },"
                + " { balance: round-robin }]",
            trace(at(0), at(1_000)));
    assertEquals(2 * 1_124, row.tokensReserved());
    assertEquals(2 * (1_124 - 105), row.tokensUnused());
  }

  @Test
  void aCallerMayLeaveEarlierThanTheOthers() {
    TraceRequest hurried = at(0).withPrompt(1, none(), 5_000, 5).leavingAfter(2_000_000_000);
    Row row = run(PLAIN, trace(hurried, at(10).withPrompt(2, none(), 100, 5)));
    assertEquals(1, row.ok());
    assertEquals(Map.of("gave_up", 1L), row.failures());
    assertEquals(2_000, row.latencies().all().p99(), 200);
    assertEquals(0.5, row.answerableOfOffered(), EXACT, "5 s of prefill are too long for it");
  }

  /** Two blocks of 256 tokens are had from the cache: 512 of 1,000 tokens, and not 1,000. */
  @Test
  void aBlockOfATraceCoversAsManyTokensAsTheTraceSays() {
    String text =
        Bench.FLEET.replace("prefix-cache-blocks: 0", "prefix-cache-blocks: 64")
            + "combinations: { it: { gateway: { pipeline: [{ balance: round-robin }] } } }";
    Scenario scenario = Bench.scenario(folder, Bench.REGISTRY, text);
    Trace plain =
        trace(
            at(0).withPrompt(1, PrefixHashes.of(7, 8, 9), 1_000, 1),
            at(5_000).withPrompt(2, PrefixHashes.of(7, 8, 10), 1_000, 1));
    Trace trace =
        new Trace(
            plain.format(),
            plain.path(),
            plain.requests(),
            plain.carries(),
            plain.synthetic(),
            256,
            plain.recordedNanos(),
            plain.notes());
    Row row =
        new Comparison(scenario, scenario.combinations().subList(1, 2))
            .run(seed -> trace, 0, List.of(1L), 1, (runs, of, done) -> {})
            .cells()
            .get(0)
            .rows()
            .get(0);
    // Of 1,000 tokens a second: all of the first, and all but 512 of the second.
    assertEquals((1_000 + 488) / 2.0, row.latency().mean(), EXACT);
  }

  /** Two alike gateways before one server: each has a limit of its own, the server is one. */
  @Test
  void gatewaysShareTheServersAndNothingElse() {
    String text =
        Bench.FLEET
            + "gateways: 2\n"
            + "combinations: { it: { gateway: { pipeline: [{ rate-limit: { by: { plugin: token-bucket,"
            + " per: tenant, rate: 0.001, burst: 2 } } }, { balance: round-robin }] } } }";
    Scenario scenario = Bench.scenario(folder, Bench.REGISTRY, text);
    Trace trace = trace(at(0), at(0), at(0), at(0), at(0), at(0));
    Row row =
        new Comparison(scenario, scenario.combinations().subList(1, 2))
            .run(seed -> trace, 0, List.of(1L), 1, (runs, of, done) -> {})
            .cells()
            .get(0)
            .rows()
            .get(0);
    assertEquals(4, row.ok(), "two at each gateway");
    assertEquals(Map.of("a", 4L), row.byBackend());
    assertEquals(4L, row.plugin().get("rate-limit.admitted"));
  }

  @Test
  void otherRejectionsCountAgainst() {
    Row row =
        run(
            "[{ admit: { limit: { plugin: fixed, limit: 1 },"
                + " queue: { plugin: fifo, capacity: 1 } } }, { balance: round-robin }]",
            trace(at(0), at(1), at(2), at(3)));
    assertEquals(2, row.ok());
    assertEquals(2, row.rejections());
    assertEquals(0.5, row.availability());
    assertEquals(row.requests(), row.ok() + row.failed() + row.cancelled() + row.rejections());
  }

  @Test
  void goodputLeavesOutWhatIsLate() {
    // The third waits for a slot until 140 ms: its first content comes at 240 ms.
    Trace trace = trace(at(0), at(500), at(500).withPrompt(1, none(), 2_500, 5));
    Row row = run(PLAIN, trace);
    assertEquals(3, row.ok());
    double seconds = 0.500 + row.latency().p99() / 1e3;
    assertEquals(2, Math.round(row.goodput() * seconds), "2.5 s of prefill is too late");
    assertEquals(2 / seconds, row.goodput(), EXACT);
  }

  @Test
  void callersWithoutPatienceAreFailedAndLeaveNothingBehind() {
    Row row = run(PLAIN, trace(at(0), at(10).withPrompt(1, none(), 40_000, 5)));
    assertEquals(1, row.ok());
    assertEquals(1, row.failed());
    assertEquals(Map.of("gave_up", 1L), row.failures());
    assertEquals(0.5, row.availability());
  }

  /**
   * One at a time, each for 10 s: of ten callers who come at once, three can have their answers.
   */
  @Test
  void aQueueWithoutEndAnswersLateAndThatCounts() {
    TraceRequest[] requests = new TraceRequest[10];
    for (int i = 0; i < requests.length; i++) {
      requests[i] = at(0).withPrompt(i, none(), 10_000, 1);
    }
    Row row =
        run(
            "[{ admit: { limit: { plugin: fixed, limit: 1 },"
                + " queue: { plugin: fifo, capacity: 100 } } }, { balance: round-robin }]",
            trace(requests));
    assertEquals(3, row.ok());
    assertEquals(0, row.rejections());
    assertEquals(Map.of("deadline", 7L), row.failures());
    assertEquals((10_000 + 20_000 + 8 * 30_000) / 10.0, row.latencies().all().mean(), EXACT);
  }

  @Test
  void aLaterTurnWaitsForTheAnswerAndTheThinkTime() {
    // 140 ms, 200 ms of thought, 140 ms: also where the turn was recorded before the answer's end.
    for (long recorded : new long[] {50, 139, 140, 300, 340}) {
      Row row =
          run(
              PLAIN,
              trace(at(0).inSession("s", 0, 0), at(recorded).inSession("s", 1, 200_000_000)));
      assertEquals(2 / 0.480, row.goodput(), EXACT, "recorded at " + recorded + " ms");
    }
    Row late =
        run(PLAIN, trace(at(0).inSession("s", 0, 0), at(900).inSession("s", 1, 200_000_000)));
    assertEquals(2 / 1.040, late.goodput(), EXACT);
  }

  @Test
  void turnsComeOneAfterTheOther() {
    Row row =
        run(
            PLAIN,
            trace(
                at(0).inSession("s", 0, 0),
                at(1).inSession("s", 1, 0),
                at(2).inSession("s", 2, 0)));
    assertEquals(3 / 0.420, row.goodput(), EXACT);
    assertEquals(140, row.latency().p99());
  }

  private Row run(String pipeline, Trace trace) {
    return Bench.row(folder, Bench.REGISTRY, pipeline, trace);
  }

  private static PrefixHashes none() {
    return PrefixHashes.NONE;
  }
}
