package dev.forebay.replay.run;

import dev.forebay.gateway.Blueprint;
import dev.forebay.replay.trace.Carries;
import dev.forebay.replay.trace.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Combinations of a scenario, each under each seed. Under one seed all of them get the same
 * arrivals, lengths and faults; runs are independent, so any number of them can run at a time.
 */
public final class Comparison {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Scenario scenario;
  private final List<Combination> combinations;
  private final Duration patience;
  private @Nullable RunObserver observer;

  /**
   * A comparison.
   *
   * @param combinations those of the scenario to run, in order; at least one
   */
  public Comparison(Scenario scenario, List<Combination> combinations) {
    this(scenario, combinations, PATIENCE);
  }

  /**
   * As {@link #Comparison(Scenario, List)}.
   *
   * @param patience how long a call into a plugin may take before its run is given up
   */
  Comparison(Scenario scenario, List<Combination> combinations, Duration patience) {
    this.patience = patience;
    this.scenario = scenario;
    this.combinations = List.copyOf(combinations);
  }

  /** Has all runs observed. */
  public Comparison observedBy(@Nullable RunObserver watching) {
    observer = watching;
    return this;
  }

  /** Is told how far a comparison is; one call at a time, from any thread. */
  public interface Progress {

    /**
     * A run is over.
     *
     * @param runs how many are
     * @param of how many there will be
     * @param run which one it was
     */
    void done(int runs, int of, String run);
  }

  /**
   * Runs everything.
   *
   * @param workload the trace of each seed, before it is scaled to the load
   * @param load share of the fleet's capacity that arrivals are scaled to; 0 leaves them
   * @param seeds the seeds, in the order of the report; at least one
   * @param jobs runs at a time, at least 1
   * @throws SelfCheckException if this thread is interrupted
   * @throws IllegalArgumentException if options contradict each other
   */
  public Report run(
      LongFunction<Trace> workload, double load, List<Long> seeds, int jobs, Progress progress) {
    Map<Long, Trace> traces = new LinkedHashMap<>();
    for (long seed : seeds) {
      Trace trace = Load.scaled(workload.apply(seed), load, fleet());
      Trace first = traces.isEmpty() ? trace : traces.get(seeds.get(0));
      traces.put(seed, trace.equals(first) ? first : trace);
    }
    Trace first = traces.values().iterator().next();
    Map<String, String> skipped = new LinkedHashMap<>();
    List<Combination> running = new ArrayList<>();
    for (Combination combination : combinations) {
      Set<Carries> missing = combination.missing(first);
      if (missing.isEmpty()) {
        running.add(combination);
      } else {
        skipped.put(combination.name(), lacking(missing));
      }
    }
    List<String> notes = notes(first);
    notes.addAll(Twins.notes(running));
    try (Runs runs = new Runs(scenario, jobs, patience, observer, progress)) {
      boolean same = traces.size() > 1 && traces.values().stream().allMatch(t -> t == first);
      if (same) {
        runs.run(running, Map.of(seeds.get(0), first));
      }
      if (same && !runs.chanceDrawn()) {
        notes.add(
            "seeds make no difference: the trace is the same under each, and no plugin draws"
                + " chance; so one was run instead of "
                + seeds.size());
      } else {
        runs.run(running, traces);
      }
      List<Cell> cells = runs.cells(running);
      if (same && runs.chanceDrawn() && cells.stream().allMatch(Comparison::allAlike)) {
        notes.add(
            "seeds make no difference: all "
                + seeds.size()
                + " have the same digests, so the first is shown");
        cells = cells.stream().map(c -> new Cell(c.combination(), c.rows().subList(0, 1))).toList();
      }
      return new Report(
          scenario.name(),
          scenario.about(),
          first,
          cells,
          Load.of(first, fleet()),
          skipped,
          runs.failed(),
          notes);
    }
  }

  private static boolean allAlike(Cell cell) {
    return cell.rows().stream().map(Row::digest).distinct().count() == 1;
  }

  /** Why a combination is left out whose trace lacks something. */
  public static String lacking(Set<Carries> missing) {
    return "the trace carries no " + words(missing, ", no ");
  }

  private Blueprint fleet() {
    return scenario.combinations().get(0).blueprint();
  }

  /** What a reader of a report has to know of a trace. */
  public static List<String> notes(Trace trace) {
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
