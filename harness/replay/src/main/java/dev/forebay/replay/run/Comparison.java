package dev.forebay.replay.run;

import dev.forebay.gateway.Blueprint;
import dev.forebay.replay.trace.Carries;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import java.util.function.ToIntFunction;

/**
 * Combinations of a scenario, each under each seed. Under one seed all of them get the same
 * arrivals, lengths and faults; runs are independent, so any number of them can run at a time.
 */
public final class Comparison {

  private final Scenario scenario;
  private final List<Combination> combinations;

  /**
   * A comparison.
   *
   * @param combinations those of the scenario to run, in order; at least one
   */
  public Comparison(Scenario scenario, List<Combination> combinations) {
    this.scenario = scenario;
    this.combinations = List.copyOf(combinations);
  }

  /** Is told how far a comparison is; one call at a time, from the threads of the runs. */
  public interface Progress {

    /**
     * A run is over.
     *
     * @param runs how many are
     * @param of how many there will be
     */
    void done(int runs, int of, Row row);
  }

  /**
   * Runs everything.
   *
   * @param workload the trace of each seed, before it is scaled to the load
   * @param load share of the fleet's capacity that arrivals are scaled to; 0 leaves them
   * @param seeds the seeds, in the order of the report; at least one
   * @param jobs runs at a time, at least 1
   * @throws SelfCheckException where a run's books do not balance, or a plugin threw
   * @throws IllegalArgumentException where options contradict each other
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
        skipped.put(combination.name(), "the trace carries no " + words(missing, ", no "));
      }
    }
    List<Cell> cells = new Runs(traces, progress, running.size()).cells(running, jobs);
    List<String> notes = notes(first);
    notes.addAll(Twins.notes(running));
    return new Report(scenario.name(), first, cells, skipped, notes);
  }

  /** The runs of one comparison, on threads of their own. */
  private final class Runs {
    private final Map<Long, Trace> traces;
    private final Progress progress;
    private final int total;
    private int done;

    Runs(Map<Long, Trace> traces, Progress progress, int combinations) {
      this.traces = traces;
      this.progress = progress;
      this.total = combinations * traces.size();
    }

    List<Cell> cells(List<Combination> running, int jobs) {
      // Daemons: a run that fails ends the command, though others may still be under way.
      ExecutorService threads =
          Executors.newFixedThreadPool(
              jobs, Thread.ofPlatform().daemon().name("run-", 1).factory());
      try {
        Map<String, List<Future<Row>>> rows = new LinkedHashMap<>();
        for (Combination combination : running) {
          List<Future<Row>> list = new ArrayList<>();
          traces.forEach((seed, trace) -> list.add(threads.submit(one(combination, seed, trace))));
          rows.put(combination.name(), list);
        }
        List<Cell> cells = new ArrayList<>();
        for (Map.Entry<String, List<Future<Row>>> entry : rows.entrySet()) {
          cells.add(new Cell(entry.getKey(), results(entry.getValue())));
        }
        return cells;
      } finally {
        threads.shutdownNow();
      }
    }

    private Callable<Row> one(Combination combination, long seed, Trace trace) {
      return () -> {
        Row row = replay(combination, seed, trace);
        over(row);
        return row;
      };
    }

    private synchronized void over(Row row) {
      progress.done(++done, total, row);
    }
  }

  private static List<Row> results(List<Future<Row>> futures) {
    List<Row> rows = new ArrayList<>();
    try {
      for (Future<Row> row : futures) {
        rows.add(row.get());
      }
      return rows;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SelfCheckException("interrupted");
    }
  }

  private Row replay(Combination combination, long seed, Trace trace) {
    String name = combination.name();
    Replay replay =
        new Replay(
            trace,
            new Lengths(trace),
            combination.blueprint(),
            scenario.objective(),
            scenario.stays(),
            seed);
    try {
      return replay.run(name, seed, scenario.prices());
    } catch (SelfCheckException e) {
      throw new SelfCheckException(name + ", seed " + seed + ": " + e.getMessage());
    } catch (RuntimeException e) {
      throw new SelfCheckException(name + ", seed " + seed + ": a plugin threw " + e, e);
    }
  }

  private static Set<Carries> missing(Combination combination, Trace trace) {
    EnumSet<Carries> missing = EnumSet.noneOf(Carries.class);
    missing.addAll(combination.needs());
    missing.removeAll(trace.carries());
    return missing;
  }

  private Trace scaled(Trace trace, double load) {
    if (load == 0 || trace.spanSeconds() == 0) {
      return trace; // requests that all come at once have no rate
    }
    Blueprint fleet = scenario.combinations().get(0).blueprint();
    double capacity =
        Fleet.capacity(
            fleet,
            mean(trace, TraceRequest::promptTokens),
            mean(trace, TraceRequest::outputTokens));
    if (capacity == 0) {
      throw new IllegalArgumentException(
          "load: " + load + " without a simulated backend (expected: at least one)");
    }
    return trace.scaledToRate(load * capacity);
  }

  private static double mean(Trace trace, ToIntFunction<TraceRequest> tokens) {
    return trace.requests().stream().mapToInt(tokens).average().orElse(0);
  }

  private static List<String> notes(Trace trace) {
    List<String> notes = new ArrayList<>(trace.notes());
    if (!trace.synthetic().isEmpty() && trace.path() != null) {
      notes.add("synthetic (made up or inferred, not recorded): " + words(trace.synthetic(), ", "));
    }
    return notes;
  }

  private static String words(Set<Carries> fields, String between) {
    return String.join(
        between,
        fields.stream()
            .map(field -> field == Carries.PREFIX ? "prefix hashes" : field.label())
            .toList());
  }
}
