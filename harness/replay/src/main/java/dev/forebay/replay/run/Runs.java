package dev.forebay.replay.run;

import dev.forebay.core.kernel.PluginException;
import dev.forebay.gateway.Host;
import dev.forebay.replay.trace.Trace;
import dev.forebay.timeline.VirtualTimeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one comparison, each on a thread of its own, so many at a time. One that fails fails
 * its combination only. A watcher gives up a run whose thread stays in one call into a plugin: it
 * looks ten times in the time that a call may take, so that a machine that was asleep is no reason.
 */
final class Runs implements AutoCloseable {

  private static final int LOOKS = 10;

  /** From the seed of one gateway of a run to that of the next. */
  private static final long NEXT_SEED = 0x9e3779b97f4a7c15L;

  private final Scenario scenario;
  private final int jobs;
  private final Duration patience;
  private final Comparison.Progress progress;
  private final @Nullable RunObserver observer;
  private final Semaphore free;
  private final Bound bound = new Bound();
  private final Set<Run> underWay = ConcurrentHashMap.newKeySet();
  private final Map<String, Map<Long, Row>> rows = new HashMap<>();
  private final Map<String, Failed> failed = new LinkedHashMap<>();
  private final Thread watcher;
  private @Nullable RuntimeException refused;
  private boolean chanceDrawn;
  private int done;
  private int total;

  /** Why a combination failed: under the first of the seeds under which it did. */
  private record Failed(long seed, String why) {}

  Runs(
      Scenario scenario,
      int jobs,
      Duration patience,
      @Nullable RunObserver observer,
      Comparison.Progress progress) {
    this.scenario = scenario;
    this.jobs = jobs;
    this.patience = patience;
    this.progress = progress;
    this.observer = observer;
    this.free = new Semaphore(jobs);
    this.watcher = Thread.ofPlatform().daemon().name("run-watcher").start(this::watch);
  }

  /**
   * Runs each combination under each seed for which it has no row yet.
   *
   * @throws IllegalArgumentException if options of a combination contradict each other
   */
  void run(List<Combination> combinations, Map<Long, Trace> traces) {
    total = combinations.size() * traces.size();
    try {
      for (Combination combination : combinations) {
        for (Map.Entry<Long, Trace> entry : traces.entrySet()) {
          free.acquire();
          if (isWanted(combination, entry.getKey())) {
            new Run(combination, entry.getKey(), entry.getValue()).start();
          } else {
            free.release();
          }
        }
      }
      free.acquire(jobs);
      free.release(jobs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SelfCheckException("interrupted");
    }
    synchronized (this) {
      if (refused != null) {
        throw refused;
      }
    }
  }

  /** Whether a run is of use: not if it was run, or its combination failed under another seed. */
  private synchronized boolean isWanted(Combination combination, long seed) {
    boolean wanted =
        refused == null
            && !failed.containsKey(combination.name())
            && !rows.getOrDefault(combination.name(), Map.of()).containsKey(seed);
    if (!wanted && failed.containsKey(combination.name())) {
      over(combination.name() + ", seed " + seed);
    }
    return wanted;
  }

  /** Whether a plugin of a run drew chance; if none did, seeds make no difference. */
  synchronized boolean chanceDrawn() {
    return chanceDrawn;
  }

  /** Combinations that failed, and why. */
  synchronized Map<String, String> failed() {
    Map<String, String> told = new LinkedHashMap<>();
    failed.forEach((name, one) -> told.put(name, "seed " + one.seed + ": " + one.why));
    return told;
  }

  /** The rows of the combinations that did not fail, by seed. */
  synchronized List<Cell> cells(List<Combination> combinations) {
    List<Cell> cells = new ArrayList<>();
    for (Combination combination : combinations) {
      Map<Long, Row> own = rows.getOrDefault(combination.name(), Map.of());
      if (!failed.containsKey(combination.name()) && !own.isEmpty()) {
        cells.add(new Cell(combination.name(), List.copyOf(own.values())));
      }
    }
    return cells;
  }

  private void over(String run) {
    progress.done(++done, total, run);
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(Math.max(1, patience.toMillis() / LOOKS));
        underWay.forEach(Run::look);
      }
    } catch (InterruptedException e) {
      // the comparison is over
    }
  }

  @Override
  public void close() {
    watcher.interrupt();
    underWay.forEach(Run::giveUp);
  }

  /** One run. It is over once: by its own thread, or by the watcher. */
  private final class Run {
    private final Combination combination;
    private final long seed;
    private final Trace trace;
    private final VirtualTimeline timeline = new VirtualTimeline();
    private final List<Host> hosts;
    private final Thread thread;
    private long turns;
    private int looks;

    Run(Combination combination, long seed, Trace trace) {
      this.combination = combination;
      this.seed = seed;
      this.trace = trace;
      this.hosts =
          IntStream.range(0, scenario.gateways())
              .mapToObj(
                  place ->
                      new Host(timeline.beside("the gateway's timeline"), seed + place * NEXT_SEED)
                          .watchingChance())
              .toList();
      // Daemons: a run that hangs does not keep the command from ending.
      this.thread = Thread.ofPlatform().daemon().name("run-" + this).unstarted(this::run);
    }

    void start() {
      underWay.add(this);
      thread.start();
    }

    private void run() {
      try {
        Replay replay =
            new Replay(
                trace,
                new Lengths(trace),
                combination.blueprint(),
                scenario.objective(),
                scenario.overhead(),
                scenario.callers(),
                scenario.stays(),
                timeline,
                hosts,
                seed,
                bound);
        replay.observed(observer, combination.name());
        Row row = replay.run(combination.name(), scenario.prices(), scenario.replicaPrice());
        succeeded(row, hosts.stream().anyMatch(Host::chanceDrawn));
      } catch (SelfCheckException e) {
        failed(String.valueOf(e.getMessage()));
      } catch (IllegalArgumentException e) {
        refused(e);
      } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
        failed(told(e));
      } catch (Throwable e) {
        failed(e.toString());
        throw e;
      }
    }

    private String told(Throwable thrown) {
      if (thrown instanceof PluginException) {
        return String.valueOf(thrown.getMessage()); // names the plugin and what it did
      }
      String call = pluginCall(thrown.getStackTrace());
      return "%s threw %s".formatted(call == null ? "a plugin" : call, thrown);
    }

    private @Nullable String pluginCall(StackTraceElement[] stack) {
      return hosts.stream()
          .map(host -> host.pluginCall(stack))
          .filter(Objects::nonNull)
          .findFirst()
          .orElse(null);
    }

    private void succeeded(Row row, boolean drawn) {
      synchronized (Runs.this) {
        if (underWay.remove(this)) {
          rows.computeIfAbsent(combination.name(), name -> new TreeMap<>()).put(seed, row);
          chanceDrawn |= drawn;
          over(toString());
          free.release();
        }
      }
    }

    private void failed(String why) {
      synchronized (Runs.this) {
        if (underWay.remove(this)) {
          failed.merge(
              combination.name(),
              new Failed(seed, why),
              (one, other) -> one.seed <= other.seed ? one : other);
          over(toString());
          free.release();
        }
      }
    }

    private void refused(RuntimeException why) {
      synchronized (Runs.this) {
        if (underWay.remove(this)) {
          refused = refused == null ? why : refused;
          free.release();
        }
      }
    }

    void look() {
      long now = timeline.turns();
      String call = now == turns ? pluginCall(thread.getStackTrace()) : null;
      turns = now;
      looks = call == null ? 0 : looks + 1;
      if (looks >= LOOKS) {
        failed("%s: it has not returned for %s s".formatted(call, patience.toMillis() / 1000.0));
        thread.interrupt();
      }
    }

    void giveUp() {
      underWay.remove(this);
      thread.interrupt();
    }

    @Override
    public String toString() {
      return combination.name() + ", seed " + seed;
    }
  }
}
