package dev.forebay.jobs;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Works on jobs, so many at once: asks the queue for as many as there is room for, claims each from
 * the store, and does what the store says. On the gateway's timeline.
 */
final class Worker {

  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  final Jobs options;
  final JobService jobs;
  final Timeline timeline;
  final Supplier<Service> gateway;
  private final String owner;
  private final Set<RunningJob> running = new LinkedHashSet<>();
  private final Promise<Void> idle = Promise.promise();
  private final Labelled<Counter> tries;
  private final Counter lost;
  private int claiming;
  private boolean polling;
  private boolean stopping;

  Worker(Jobs options, JobService jobs, Supplier<Service> gateway, PluginContext context) {
    this.options = options;
    this.jobs = jobs;
    this.timeline = context.timeline();
    this.gateway = gateway;
    this.owner = jobs.name("worker-");
    this.tries = context.counters("tries", Label.of("outcome"));
    this.lost = context.counter("lost_leases");
    context.gauge("running", running::size);
  }

  void tried(String outcome) {
    tries.of(outcome).increment();
  }

  void lost() {
    lost.increment();
  }

  /** Asks for work, if there is room. */
  void poll() {
    int room = options.workers() - running.size() - claiming;
    if (stopping || polling || room <= 0) {
      return;
    }
    polling = true;
    Future<List<JobDelivery>> asked; // the queue bounds it: what it gives late must not be lost
    try {
      asked = jobs.queue.poll(room, WAIT);
    } catch (RuntimeException | LinkageError e) {
      asked = Future.failedFuture(e);
    }
    asked.onComplete((some, thrown) -> timeline.execute(() -> polled(some)));
  }

  private void polled(@Nullable List<JobDelivery> some) {
    polling = false;
    if (some != null) {
      some.forEach(this::claim);
    }
    timeline.after(some == null ? PAUSE_NANOS : 0, this::poll);
  }

  private void claim(JobDelivery delivery) {
    claiming++;
    jobs.bounded
        .insist(() -> jobs.store.claim(delivery.entry().id(), owner, options.lease()))
        .compose(claim -> decide(delivery, claim))
        .onComplete(
            (done, thrown) -> {
              claiming--;
              over();
            });
  }

  /** Does what the store says; completes when the entry is settled, or the job has begun. */
  private Future<Void> decide(JobDelivery delivery, Claim claim) {
    if (claim instanceof Claim.Claimed claimed) {
      RunningJob job = new RunningJob(this, delivery, claimed);
      running.add(job);
      if (stopping) {
        job.giveBack();
      } else {
        job.begin();
      }
      return Future.succeededFuture();
    }
    if (claim instanceof Claim.Later later) {
      return jobs.bounded.insist(() -> delivery.retryAt(later.untilMillis()));
    }
    if (claim instanceof Claim.Over over) {
      return jobs.bounded.insist(() -> RunningJob.settle(delivery, over.job()));
    }
    return jobs.bounded.insist(delivery::done);
  }

  /** A job has left it. */
  void left(RunningJob job) {
    running.remove(job);
    over();
  }

  private void over() {
    if (stopping && running.isEmpty() && claiming == 0) {
      idle.tryComplete();
    }
    timeline.after(0, this::poll);
  }

  /** Takes no more. */
  void drain() {
    stopping = true;
    over();
  }

  /** Lets jobs go on for a while, and then gives those back that are not over. */
  Future<Void> close() {
    drain();
    var timer =
        timeline.after(
            options.drain().toNanos(), () -> List.copyOf(running).forEach(RunningJob::giveBack));
    return jobs.bounded
        .ask(options.drain(), idle::future)
        .transform(
            done -> {
              timer.cancel();
              return Future.succeededFuture();
            });
  }
}
