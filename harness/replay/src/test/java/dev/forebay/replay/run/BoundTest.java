package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.asking;
import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.SyntheticTrace;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.PrefixHashes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The computed bound: by hand, and against runs of random scenarios. */
class BoundTest {

  private static final int SCENARIOS = 200;
  private static final String PLAIN = "[{ balance: round-robin }]";

  private static final String COMBINATIONS =
      """
      combinations:
        short-queue:
          gateway:
            pipeline:
              - cache: { store: unbounded }
              - retry: { attempts: 3 }
              - admit: { limit: { plugin: gradient2, initial: 20, max: 200 }, queue: fifo }
              - balance: { by: least-connections, health: consecutive-failures }
        all:
          gateway:
            pipeline:
              - cache: { store: unbounded }
              - retry: { attempts: 3 }
              - balance: { by: clairvoyant, health: consecutive-failures }
        under-way-2:
          gateway:
            pipeline:
              - cache: { store: unbounded }
              - retry: { attempts: 3 }
              - admit: { limit: { plugin: fixed, limit: 2 }, queue: fifo, max-wait: 1s }
              - balance: { by: clairvoyant }
        under-way-4:
          gateway:
            pipeline:
              - cache: { store: unbounded }
              - retry: { attempts: 3 }
              - admit: { limit: { plugin: fixed, limit: 4 }, queue: fifo, max-wait: 1s }
              - balance: { by: clairvoyant }
        under-way-8:
          gateway:
            pipeline:
              - cache: { store: unbounded }
              - retry: { attempts: 3 }
              - admit: { limit: { plugin: fixed, limit: 8 }, queue: fifo, max-wait: 2s }
              - balance: { by: clairvoyant }
        under-way-16:
          gateway:
            pipeline:
              - cache: { store: unbounded }
              - retry: { attempts: 3 }
              - admit: { limit: { plugin: fixed, limit: 16 }, queue: fifo, max-wait: 2s }
              - balance: { by: clairvoyant }
      """;

  @TempDir private Path folder;

  /** 40 s of prefill are more than a caller's 30 s; the other two fit. */
  @Test
  void whatNoServerCanDoInTimeIsNotCounted() {
    Trace trace = trace(at(0), at(1_000), at(2_000).withPrompt(1, none(), 40_000, 5));
    assertEquals(2 / 3.0, row(PLAIN, trace).answerableOfOffered(), 1e-9);
  }

  /** Prefill of 10 s for each of ten callers at once: three are done in 30 s. */
  @Test
  void asManyAreAnsweredAsThereIsWorkFor() {
    List<TraceRequest> requests = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      requests.add(at(0).withPrompt(i, none(), 10_000, 1));
    }
    Row row = row(PLAIN, trace(requests.toArray(TraceRequest[]::new)));
    assertEquals(0.3, row.answerableOfOffered(), 1e-6);
    assertEquals(2, row.ok(), "the third ends with the callers' patience");
  }

  /** The same question needs one computation, however often it is asked, of each tenant's own. */
  @Test
  void equalQuestionsAreComputedOnce() {
    List<TraceRequest> requests = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      requests.add(at(0).withPrompt(i < 9 ? 1 : 2, none(), 20_000, 1));
    }
    Trace trace = trace(requests.toArray(TraceRequest[]::new));
    // 1 of 20 s for nine, and a half of the other.
    assertEquals(0.95, row(PLAIN, trace).answerableOfOffered(), 1e-6);
    assertEquals(9, row("[{ cache: { store: unbounded } }, { balance: round-robin }]", trace).ok());
  }

  @Test
  void aRunAboveTheBoundFailsItsSelfCheck() {
    Row row = row(PLAIN, trace(asking(7, at(0)), asking(7, at(1_000))));
    assertEquals(1, row.answerableOfOffered());
    SelfCheckException above =
        assertThrows(SelfCheckException.class, () -> Replay.checkBound(3, 2.5));
    assertEquals(
        "self-check: answered requests: 3 (expected: at most 2.5, the computed bound)",
        above.getMessage());
    Replay.checkBound(2, 2.0);
  }

  /**
   * No run of a random scenario is above the bound, which its self-check says; and the bound is no
   * empty one: if the baseline answers less than 90 %, it is at most 1.25 times the best
   * combination's answers in at least half of the scenarios.
   */
  @Test
  void noRunOfRandomScenariosIsAboveTheBoundAndItIsNear() {
    int hard = 0;
    int near = 0;
    List<String> told = new ArrayList<>();
    for (int seed = 1; seed <= SCENARIOS; seed++) {
      String text = random(seed);
      Scenario scenario = Bench.scenario(folder, Bench.REGISTRY, text + COMBINATIONS);
      Report report =
          new Comparison(scenario, scenario.combinations())
              .run(
                  any -> SyntheticTrace.generate(scenario.synthetic(), any),
                  0.3 + 1.2 * new SplittableRandom(seed).nextDouble(),
                  List.of((long) seed),
                  2,
                  (runs, of, run) -> {});
      assertTrue(report.failed().isEmpty(), report.failed() + " of\n" + text);
      double best = 0;
      for (Cell cell : report.cells()) {
        best = Math.max(best, cell.mean(Row::answeredOfOffered));
      }
      double bound = report.cells().get(0).mean(Row::answerableOfOffered);
      double baseline = report.cells().get(0).mean(Row::answeredOfOffered);
      if (baseline < 0.9) {
        hard++;
        near += bound <= 1.25 * best ? 1 : 0;
        told.add(
            String.format(
                Locale.ROOT, "seed %d: %.3f, best %.3f, bound %.3f", seed, baseline, best, bound));
      }
    }
    assertTrue(hard >= SCENARIOS / 4, "hard: " + hard);
    assertTrue(near * 2 >= hard, near + " of " + hard + "\n" + String.join("\n", told));
  }

  /** A small fleet with any faults, and any traffic of half a minute or two. */
  private static String random(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "synthetic: { seconds: %d, rate-per-second: %.2f, burstiness: %.1f, burst-factor: %d,"
                + " prompt-tokens-mean: %d, prompt-tokens-median: %d, output-tokens-mean: %d,"
                + " output-tokens-median: %d, popular-share: %.2f, popular-prompts: 20,"
                + " system-prompts: %d, block-tokens: 512, tenants: %d, session-share: %.2f,"
                + " session-turns-mean: 3, think-seconds-mean: 5 }%n",
            random.nextInt(30, 90),
            0.5 + 8 * random.nextDouble(),
            0.5 + random.nextInt(3),
            random.nextInt(1, 5),
            random.nextInt(500, 1500),
            400,
            random.nextInt(60, 300),
            50,
            random.nextBoolean() ? 0 : 0.5 * random.nextDouble(),
            random.nextInt(3),
            random.nextInt(1, 4),
            random.nextBoolean() ? 0 : 0.4 * random.nextDouble()));
    text.append(
        String.format(
            Locale.ROOT,
            "objective: { patience: %ds }%nfleet:%n",
            new int[] {5, 10, 30}[random.nextInt(3)]));
    int groups = random.nextInt(1, 4);
    for (int group = 0; group < groups; group++) {
      text.append(
          String.format(
              Locale.ROOT,
              "  - { id: g%d, count: %d, server: { slots: %d, decode-step-millis: %d,"
                  + " decode-step-millis-per-request: %.2f, prefill-tokens-per-second: %d,"
                  + " tokens-per-chunk: 16, kv-tokens: %d, queue-capacity: %d, prefix-cache-blocks: %d, cold-start: 5s,"
                  + " effects: { overlap: %.2f, quadratic-tokens: %d } },"
                  + " faults: [%s]%s }%n",
              group,
              random.nextInt(1, 3),
              random.nextInt(1, 17),
              random.nextInt(5, 40),
              random.nextDouble(),
              random.nextInt(1_000, 10_000),
              random.nextInt(8_192, 65_536),
              random.nextInt(0, 64),
              random.nextBoolean() ? 0 : 256,
              0.45 * random.nextInt(3),
              random.nextBoolean() ? 0 : 14_800,
              fault(random),
              group > 0 && random.nextInt(4) == 0 ? ", joins: 10s, leaves: 40s" : ""));
    }
    return text.toString();
  }

  private static String fault(SplittableRandom random) {
    return switch (random.nextInt(7)) {
      case 0 -> "{ kind: slow, amount: 3 }";
      case 1 -> "{ kind: slow, amount: 4, from: 10s, length: 5s, every: 20s, jitter: 0.5 }";
      case 2 -> "{ kind: fail, amount: 0.5, from: 5s, length: 20s, every: 40s }";
      case 3 -> "{ kind: crash, from: 10s, length: 5s, every: 30s, jitter: 0.5 }";
      case 4 -> "{ kind: cut, amount: 0.2 }";
      case 5 -> "{ kind: silent, amount: 0.1 }";
      default -> "";
    };
  }

  private Row row(String pipeline, Trace trace) {
    return Bench.row(folder, Bench.REGISTRY, pipeline, trace);
  }

  private static PrefixHashes none() {
    return PrefixHashes.NONE;
  }
}
