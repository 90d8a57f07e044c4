package dev.forebay.jobs;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again for jobs that nobody works on, since a gateway died before it enqueued
 * them, or a worker is silent, and enqueues them; and keeps figures for metrics. Before each look
 * it asks both stores whether they can be used.
 */
final class JobKeeper {

  private static final int MOST = 100;
  private static final Duration AGAIN = Duration.ofMinutes(1);

  /** When stores that cannot be used are asked again, at the latest. */
  private static final long SOON_NANOS = Duration.ofSeconds(5).toNanos();

  private final JobService jobs;
  private final Timeline timeline;
  private final long everyNanos;
  private final Counter found;
  private final @Nullable CallbackSender sender;
  private final Labelled<Counter> callbacks;
  private JobFigures figures = new JobFigures(new LinkedHashMap<>(), 0);
  private long depth;
  private Registration timer = Registration.NONE;
  private boolean closed;

  JobKeeper(Jobs options, JobService jobs, @Nullable CallbackSender sender, PluginContext context) {
    this.sender = sender;
    this.callbacks = context.counters("callbacks", Label.of("outcome"));
    this.jobs = jobs;
    this.timeline = context.timeline();
    this.everyNanos = options.check().toNanos();
    this.found = context.counter("found_again");
    Labelled<Gauge> kept = context.gauges("kept", Label.of("state"));
    for (JobState state : JobState.values()) {
      kept.of(state.toString()).set(() -> figures.jobs().getOrDefault(state, 0L));
    }
    context.gauge("queue_depth", () -> depth);
    context.gauge("oldest_due_seconds", this::oldestSeconds);
    context.gauge("usable", () -> jobs.unusable() == null ? 1 : 0);
  }

  private double oldestSeconds() {
    long oldest = figures.oldestDueMillis();
    return oldest == 0 ? 0 : Math.max(0, timeline.epochMillis() - oldest) / 1_000.0;
  }

  /** Begins when the stores are ready, and looks for that until they are. */
  void start(Runnable whenReady) {
    jobs.ready()
        .onComplete(
            (ready, thrown) -> {
              if (thrown == null && !closed) {
                whenReady.run();
                look();
              } else if (!closed) {
                notReady("no jobs are taken, nor worked on", () -> start(whenReady));
              }
            });
  }

  private void notReady(String what, Runnable again) {
    jobs.warn(what);
    timer = timeline.after(Math.min(everyNanos, SOON_NANOS), again);
  }

  /** Looks if the stores can still be used; a server that came back may have other settings. */
  private void check() {
    jobs.ready()
        .onComplete(
            (ready, thrown) -> {
              if (thrown == null && !closed) {
                look();
              } else if (!closed) {
                notReady("no jobs are taken", this::check);
              }
            });
  }

  private void look() {
    jobs.bounded
        .ask(() -> jobs.store.overdue(MOST, AGAIN))
        .compose(this::again)
        .onComplete(
            (found, thrown) -> {
              if (closed) {
                return;
              }
              if (found != null && found == MOST) {
                timer = timeline.after(0, this::look); // there may be more
              } else {
                count();
              }
            });
  }

  private void count() {
    Future.<@Nullable Void>succeededFuture()
        .transform(done -> jobs.bounded.ask(jobs.store::figures))
        .onSuccess(now -> figures = now)
        .transform(done -> jobs.bounded.ask(jobs.queue::depth))
        .onSuccess(now -> depth = now)
        .onComplete(
            (done, thrown) -> {
              if (!closed) {
                timer = timeline.after(everyNanos, this::check);
              }
            });
  }

  /** Completes with their number when the queue has answered for all of them, well or not. */
  private Future<Integer> again(List<Job> overdue) {
    List<Future<Job>> enqueued = new ArrayList<>();
    for (Job job : overdue) {
      if (!job.state().over()) {
        found.increment();
        enqueued.add(jobs.enqueue(job));
      } else if (sender != null) {
        tell(sender, job);
      }
    }
    return Future.join(enqueued)
        .transform(done -> Future.succeededFuture(done.succeeded() ? overdue.size() : 0));
  }

  private void tell(CallbackSender by, Job job) {
    by.send(job)
        .onSuccess(
            again -> {
              callbacks.of(again == Long.MAX_VALUE ? "over" : "again").increment();
              jobs.bounded.ask(() -> jobs.store.checkAt(job.id(), again));
            });
  }

  /** What the administration tells: without counts while the stores cannot be asked for them. */
  JsonObject told() {
    String why = jobs.unusable();
    if (why != null) {
      return new JsonObject().put("usable", false).put("why", why);
    }
    JsonObject states = new JsonObject();
    for (Map.Entry<JobState, Long> each : figures.jobs().entrySet()) {
      states.put(each.getKey().toString(), each.getValue());
    }
    return new JsonObject()
        .put("usable", true)
        .putNull("why")
        .put("jobs", states)
        .put("queue_depth", depth)
        .put("oldest_due_seconds", oldestSeconds());
  }

  void close() {
    closed = true;
    timer.cancel();
  }
}
