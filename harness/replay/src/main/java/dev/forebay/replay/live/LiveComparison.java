package dev.forebay.replay.live;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Comparison;
import dev.forebay.replay.run.Load;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.trace.Trace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Combinations of a scenario, one after the other, each with processes of its own. */
public final class LiveComparison {

  private final Scenario scenario;
  private final List<Combination> combinations;
  private final LiveRun run;
  private final LiveOptions options;

  /**
   * A comparison.
   *
   * @param source name or file of the scenario
   * @param combinations those of the scenario to run, in order
   * @throws IllegalArgumentException if the scenario has what live mode has not
   */
  public LiveComparison(
      Scenario scenario, String source, List<Combination> combinations, LiveOptions options) {
    if (scenario.gateways() > 1) {
      throw new IllegalArgumentException(
          "gateways: " + scenario.gateways() + " (expected: 1 with --mode live)");
    }
    if (!scenario.stays().isEmpty()) {
      throw new IllegalArgumentException(
          "fleet: servers that join or leave (expected: none with --mode live)");
    }
    this.scenario = scenario;
    this.combinations = List.copyOf(combinations);
    this.options = options;
    this.run = new LiveRun(scenario, source, options, ClientPath.find());
  }

  /** The traces of all seeds as they are run: scaled to a load, and cut. */
  public Map<Long, Trace> traces(LongFunction<Trace> workload, double load, List<Long> seeds) {
    Map<Long, Trace> traces = new LinkedHashMap<>();
    for (long seed : seeds) {
      Trace whole =
          Load.scaled(workload.apply(seed), load, scenario.combinations().get(0).blueprint());
      traces.put(seed, cut(whole));
    }
    return traces;
  }

  private Trace cut(Trace trace) {
    long last = options.duration().toNanos();
    long kept =
        trace.requests().stream()
            .limit(options.requests())
            .takeWhile(request -> request.arrivalNanos() <= last)
            .count();
    return trace.first((int) Math.max(1, kept));
  }

  /** Runs all. */
  public LiveReport run(Map<Long, Trace> traces, Comparison.Progress progress) {
    Trace first = traces.values().iterator().next();
    Map<String, String> skipped = new LinkedHashMap<>();
    Map<String, String> failed = new LinkedHashMap<>();
    List<Cell> cells = new ArrayList<>();
    List<ClientProof> proofs = new ArrayList<>();
    List<LiveCounts> counts = new ArrayList<>();
    int done = 0;
    for (Combination combination : combinations) {
      String obstacle = obstacle(combination, first);
      if (obstacle != null) {
        skipped.put(combination.name(), obstacle);
        done += traces.size();
        continue;
      }
      List<Row> rows = new ArrayList<>();
      for (Map.Entry<Long, Trace> each : traces.entrySet()) {
        long seed = each.getKey();
        String name = combination.name() + ", seed " + seed;
        try {
          LiveRun.Outcome outcome = one(combination, seed, each.getValue());
          rows.add(outcome.row());
          proofs.add(outcome.proof());
          counts.add(outcome.counts());
        } catch (RuntimeException e) { // of any of the processes, and of what they wrote
          failed.putIfAbsent(combination.name(), "seed " + seed + ": " + e.getMessage());
        }
        progress.done(++done, combinations.size() * traces.size(), name);
      }
      if (!failed.containsKey(combination.name())) {
        cells.add(new Cell(combination.name(), rows));
      }
    }
    Load load = Load.of(first, scenario.combinations().get(0).blueprint());
    Report report =
        new Report(
            scenario.name(),
            scenario.about(),
            first,
            cells,
            load,
            skipped,
            failed,
            Comparison.notes(first));
    return new LiveReport(report, proofs, counts);
  }

  private static @Nullable String obstacle(Combination combination, Trace trace) {
    return combination.missing(trace).isEmpty()
        ? GatewayFile.obstacle(combination.document())
        : Comparison.lacking(combination.missing(trace));
  }

  private LiveRun.Outcome one(Combination combination, long seed, Trace trace) {
    try {
      Path folder = Files.createTempDirectory("forebay-live");
      Thread hook = new Thread(() -> deleteIfPossible(folder), "forebay-live-delete");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        return run.run(combination, seed, trace, folder);
      } finally {
        keep(folder, combination.name() + "-" + seed + ".jsonl");
        delete(folder);
        removed(hook);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removed(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending, and the hook runs
    }
  }

  private static void deleteIfPossible(Path folder) {
    try {
      delete(folder);
    } catch (IOException | UncheckedIOException e) {
      // a process that is ending wrote another file
    }
  }

  private void keep(Path folder, String name) throws IOException {
    Path results = folder.resolve("results.jsonl");
    if (options.keep() != null && Files.exists(results)) {
      Files.createDirectories(options.keep());
      Files.move(results, options.keep().resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
