package dev.forebay.replay.run;

import dev.forebay.config.Mistakes;
import dev.forebay.config.Registry;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.BlueprintReader;
import dev.forebay.replay.trace.Carries;
import dev.forebay.replay.trace.Trace;
import dev.forebay.simulation.SimulatedOptions;
import dev.forebay.spi.Plugin;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;

/**
 * All combinations of a scenario, each under each seed. Under one seed all of them get the same
 * arrivals, lengths and faults; runs are independent, so any number of them can run at a time.
 */
public final class Comparison {

  private final Scenario scenario;
  private final List<Combination> combinations;
  private final Registry registry;
  private final Map<String, Blueprint> blueprints = new LinkedHashMap<>();

  /**
   * A comparison.
   *
   * @param combinations those to run, in order
   * @throws dev.forebay.config.ConfigException listing all mistakes of all combinations
   */
  public Comparison(Scenario scenario, List<Combination> combinations, Registry registry) {
    this.scenario = scenario;
    this.combinations = List.copyOf(combinations);
    this.registry = registry;
    Mistakes mistakes = new Mistakes();
    for (Combination combination : combinations) {
      Blueprint blueprint = BlueprintReader.read(combination.gateway(), registry, mistakes);
      if (blueprint != null) {
        blueprints.put(combination.name(), blueprint);
      }
    }
    mistakes.throwIfAny();
  }

  /** Which traces a comparison runs. */
  public interface Progress {

    /** A run is over. */
    void done(int runs, int of, Row row);
  }

  /**
   * Runs everything.
   *
   * @param workload the trace of each seed, before it is scaled to the load
   * @param seeds the seeds, in the order of the report
   * @param jobs runs at a time, at least 1
   * @throws SelfCheckException where a run's books do not balance
   */
  public Report run(
      LongFunction<Trace> workload, double load, List<Long> seeds, int jobs, Progress progress) {
    Map<Long, Trace> traces = new LinkedHashMap<>();
    for (long seed : seeds) {
      traces.put(seed, scaled(workload.apply(seed), load));
    }
    Trace first = traces.values().iterator().next();
    Map<String, String> skipped = new LinkedHashMap<>();
    List<Combination> running = new ArrayList<>();
    for (Combination combination : combinations) {
      Set<Carries> missing = missing(combination, first);
      if (missing.isEmpty()) {
        running.add(combination);
      } else {
        skipped.put(
            combination.name(),
            "the trace carries no "
                + String.join(", no ", missing.stream().map(Carries::label).toList()));
      }
    }
    List<Cell> cells = cells(running, traces, jobs, progress);
    return new Report(scenario.name(), first, cells, skipped, notes(first));
  }

  private List<Cell> cells(
      List<Combination> running, Map<Long, Trace> traces, int jobs, Progress progress) {
    int total = running.size() * traces.size();
    int[] done = {0};
    List<Cell> cells = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(jobs);
    try {
      Map<String, List<Future<Row>>> rows = new LinkedHashMap<>();
      for (Combination combination : running) {
        List<Future<Row>> list = new ArrayList<>();
        traces.forEach(
            (seed, trace) ->
                list.add(
                    threads.submit(
                        () -> {
                          Row row = replay(combination, seed, trace);
                          synchronized (done) {
                            progress.done(++done[0], total, row);
                          }
                          return row;
                        })));
        rows.put(combination.name(), list);
      }
      for (Map.Entry<String, List<Future<Row>>> entry : rows.entrySet()) {
        List<Row> list = new ArrayList<>();
        for (Future<Row> row : entry.getValue()) {
          list.add(row.get());
        }
        cells.add(new Cell(entry.getKey(), list));
      }
      return cells;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private Row replay(Combination combination, long seed, Trace trace) {
    Blueprint blueprint = blueprints.get(combination.name());
    if (blueprint == null) {
      throw new IllegalStateException(combination.name());
    }
    try {
      return new Replay(trace, new Lengths(trace), blueprint, scenario.objective(), seed)
          .run(combination.name(), seed, scenario.prices());
    } catch (SelfCheckException e) {
      throw new SelfCheckException(combination.name() + ", seed " + seed + ": " + e.getMessage());
    }
  }

  private static Set<Carries> missing(Combination combination, Trace trace) {
    EnumSet<Carries> missing = EnumSet.noneOf(Carries.class);
    missing.addAll(combination.needs());
    missing.removeAll(trace.carries());
    return missing;
  }

  /**
   * The trace with its arrivals scaled so that they ask for {@code load} times what the scenario's
   * fleet can do; 0 leaves them as they are.
   */
  private Trace scaled(Trace trace, double load) {
    if (load == 0) {
      return trace;
    }
    double prompt = 0;
    double output = 0;
    for (var request : trace.requests()) {
      prompt += request.promptTokens();
      output += request.outputTokens();
    }
    double capacity = capacity(prompt / trace.requests().size(), output / trace.requests().size());
    if (capacity == 0) {
      throw new IllegalArgumentException(
          "load: the scenario has no simulated backend (expected: at least one)");
    }
    return trace.scaledToRate(load * capacity);
  }

  private double capacity(double promptTokens, double outputTokens) {
    Mistakes mistakes = new Mistakes();
    Blueprint fleet = BlueprintReader.read(scenario.gateway(), registry, mistakes);
    mistakes.throwIfAny();
    double sum = 0;
    if (fleet != null) {
      for (var pool : fleet.pools()) {
        for (var member : pool.members()) {
          Plugin<?> backend = member.backend();
          if (backend.options() instanceof SimulatedOptions simulated) {
            sum += Fleet.capacity(simulated.server(), promptTokens, outputTokens);
          }
        }
      }
    }
    return sum;
  }

  private static List<String> notes(Trace trace) {
    List<String> notes = new ArrayList<>(trace.notes());
    if (!trace.synthetic().isEmpty() && trace.path() != null) {
      notes.add(
          "synthetic, from a seeded overlay: "
              + String.join(", ", trace.synthetic().stream().map(Carries::label).toList()));
    }
    return notes;
  }
}
