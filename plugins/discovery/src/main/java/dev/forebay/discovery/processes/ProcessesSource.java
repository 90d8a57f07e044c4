package dev.forebay.discovery.processes;

import dev.forebay.net.ChildServer;
import dev.forebay.net.HttpClients;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps so many child processes. One is told of once it is healthy; one that ends by itself is
 * replaced after a pause, under another id, since it is another server. On the gateway's timeline.
 */
final class ProcessesSource implements EndpointSource, ScalingTarget {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessesSource.class);
  private static final long HEALTH_NANOS = 100_000_000L;

  private final Processes options;
  private final Vertx vertx;
  private final Timeline timeline;
  private final HttpClient health;
  private final Counter starts;
  private final Counter exits;
  private final List<Run> runs = new ArrayList<>();
  private @Nullable Watcher watcher;
  private Registration pause = Registration.NONE;
  private int wanted;
  private int number;

  /** Why the last one failed, if none was healthy since: the same is logged once. */
  private String logged = "";

  private boolean closed;

  ProcessesSource(Processes options, Vertx vertx, PluginContext context) {
    this.options = options;
    this.vertx = vertx;
    this.timeline = context.timeline();
    this.health = HttpClients.create(vertx, new HttpClientOptions());
    this.wanted = options.initial();
    this.starts = context.counter("starts");
    this.exits = context.counter("exits");
  }

  /** A process from its start to its end. */
  private static final class Run {
    private final String id;
    private final long deadlineNanos;
    private @Nullable ChildServer child;
    private String health = "no answer";
    private boolean ready;
    private boolean stopping;
    private long cpuNanos = -1;
    private long cpuAtNanos;

    Run(String id, long deadlineNanos) {
      this.id = id;
      this.deadlineNanos = deadlineNanos;
    }
  }

  @Override
  public void watch(Watcher who) {
    watcher = who;
    fill();
    if (wanted == 0) {
      tell();
    }
  }

  @Override
  public Future<Observed> observe() {
    List<Run> ready = runs.stream().filter(run -> run.ready && !run.stopping).toList();
    return vertx
        .executeBlocking(() -> cpuTimes(ready), false)
        .map(times -> new Observed(wanted, usage(times)))
        .otherwise(thrown -> new Observed(wanted, List.of()));
  }

  private static Map<Run, Long> cpuTimes(List<Run> ready) {
    Map<Run, Long> times = new LinkedHashMap<>();
    for (Run run : ready) {
      ChildServer child = run.child;
      if (child != null) {
        times.put(run, child.cpuNanos());
      }
    }
    return times;
  }

  /** The shares of the CPU since the last look. */
  private List<Usage> usage(Map<Run, Long> times) {
    long now = timeline.nanos();
    List<Usage> usage = new ArrayList<>();
    times.forEach(
        (run, time) -> {
          long over = now - run.cpuAtNanos;
          if (time >= 0 && run.cpuNanos >= 0 && over > 0) {
            double share = (time - run.cpuNanos) / (over * options.cores());
            usage.add(new Usage(run.id, new Figure(Math.max(0, share), 0), null));
          }
          run.cpuNanos = time;
          run.cpuAtNanos = now;
        });
    return usage;
  }

  @Override
  public Future<Void> scale(int replicas, List<String> leaving) {
    wanted = replicas;
    List.copyOf(runs).stream().filter(run -> leaving.contains(run.id)).forEach(this::stop);
    for (boolean ready : new boolean[] {false, true}) {
      for (Run run : List.copyOf(runs).reversed()) {
        if (kept() > wanted && !run.stopping && run.ready == ready) {
          stop(run);
        }
      }
    }
    tell();
    fill();
    return Future.succeededFuture();
  }

  private long kept() {
    return runs.stream().filter(run -> !run.stopping).count();
  }

  private void fill() {
    while (!closed && watcher != null && kept() < wanted) {
      start();
    }
  }

  private void start() {
    starts.increment();
    Run run =
        new Run(options.id() + "-" + ++number, timeline.nanos() + options.startTimeout().toNanos());
    runs.add(run);
    vertx
        .executeBlocking(
            () -> ChildServer.start(run.id, options.command(), options.environment()), false)
        .onComplete((child, thrown) -> timeline.execute(() -> started(run, child, thrown)));
  }

  private void started(Run run, @Nullable ChildServer child, @Nullable Throwable thrown) {
    if (child == null) {
      fail(run, "cannot be started: " + thrown);
      ended(run);
      return;
    }
    run.child = child;
    child.exit().onComplete(code -> timeline.execute(() -> exited(run, code.result())));
    if (closed || run.stopping) {
      stop(run);
    } else {
      probe(run, child);
    }
  }

  private void probe(Run run, ChildServer child) {
    if (closed || run.stopping || !runs.contains(run)) {
      return;
    }
    if (timeline.nanos() > run.deadlineNanos) {
      String path = options.health();
      long seconds = options.startTimeout().toSeconds();
      fail(run, "GET " + path + ": " + run.health + " (expected: 200 within " + seconds + " s)");
      stop(run);
      return;
    }
    child
        .health(health, options.health())
        .onSuccess(answer -> timeline.execute(() -> probed(run, child, answer)));
  }

  private void probed(Run run, ChildServer child, String answer) {
    run.health = answer;
    if (!answer.equals("200")) {
      timeline.after(HEALTH_NANOS, () -> probe(run, child));
    } else if (!run.stopping && runs.contains(run)) {
      run.ready = true;
      logged = "";
      LOG.info("{}: ready as process {}", run.id, child.pid());
      tell();
    }
  }

  private void exited(Run run, @Nullable Integer code) {
    exits.increment();
    if (!closed && !run.stopping) {
      fail(run, "ended with exit code " + code);
    }
    ended(run);
  }

  private void ended(Run run) {
    boolean mine = runs.remove(run);
    if (closed || !mine) {
      return;
    }
    if (run.ready && !run.stopping) {
      tell();
    }
    pause.cancel();
    pause = timeline.after(options.backoff().toNanos(), this::fill);
  }

  /** The whole list: those that are healthy and are to stay. */
  private void tell() {
    Watcher who = watcher;
    if (who != null && !closed) {
      List<Instance> all = new ArrayList<>();
      for (Run run : runs) {
        ChildServer child = run.child;
        if (run.ready && !run.stopping && child != null) {
          all.add(Instance.at(ChildServer.HOST, child.port()).named(run.id));
        }
      }
      who.members(all);
    }
  }

  private void fail(Run run, String why) {
    ChildServer child = run.child;
    String whole = child == null ? why : child.explained(why);
    if (!whole.equals(logged)) {
      logged = whole;
      LOG.warn("{}: {}", run.id, whole);
    }
    Watcher who = watcher;
    if (who != null && !closed) {
      who.failed(run.id + ": " + whole);
    }
  }

  private Future<Void> stop(Run run) {
    run.stopping = true;
    ChildServer child = run.child;
    if (child == null) {
      return Future.succeededFuture(); // it is stopped when it has started
    }
    return vertx
        .<Void>executeBlocking(
            () -> {
              child.stop(options.stopTimeout());
              return null;
            },
            false)
        .mapEmpty();
  }

  @Override
  public Future<Void> close() {
    if (closed) {
      return Future.succeededFuture();
    }
    closed = true;
    watcher = null;
    pause.cancel();
    List<Future<Void>> stopping = new ArrayList<>();
    List.copyOf(runs).forEach(run -> stopping.add(stop(run)));
    stopping.add(health.close());
    return Future.join(stopping).mapEmpty();
  }
}
