package dev.forebay.kafka;

import dev.forebay.spi.Headers;
import dev.forebay.spi.Registration;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker of the storm in a JVM of its own: Redis, Kafka, prefix, file of what it ended. It works
 * at 8 jobs at once, and keeps each by extending its lease.
 */
final class StormWorker {

  private static final int ROOM = 8;
  private static final Duration WAIT = Duration.ofSeconds(1);

  private final String owner = UUID.randomUUID().toString();
  private final StormParts parts;
  private final Path ended;
  private final CountDownLatch idle = new CountDownLatch(1);
  private int working;
  private boolean stopping;
  private boolean polling;

  private StormWorker(StormParts parts, Path ended) {
    this.parts = parts;
    this.ended = ended;
  }

  public static void main(String[] args) throws Exception {
    StormParts parts = new StormParts(args[0], args[1], args[2], new java.util.Random().nextLong());
    StormWorker worker = new StormWorker(parts, Path.of(args[3]));
    Runtime.getRuntime().addShutdownHook(new Thread(worker::stop));
    parts.timeline.execute(worker::poll);
    new CountDownLatch(1).await();
  }

  /** Stops without losing work: what is under way is ended, then the group is left. */
  private void stop() {
    parts.timeline.execute(
        () -> {
          stopping = true;
          stopped();
        });
    try {
      if (idle.await(8, TimeUnit.SECONDS)) {
        parts.await(parts.queue::close);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopped() {
    if (stopping && working == 0) {
      idle.countDown();
    }
  }

  private void poll() {
    if (polling || stopping || working >= ROOM) {
      return;
    }
    polling = true;
    parts
        .insist(() -> parts.queue.poll(ROOM - working, WAIT))
        .onSuccess(
            some -> {
              polling = false;
              some.forEach(this::look);
              poll();
            });
  }

  private void look(JobDelivery delivery) {
    working++;
    parts
        .insist(() -> parts.store.claim(delivery.entry().id(), owner, StormParts.LEASE))
        .compose(claim -> follow(delivery, claim))
        .onComplete(
            over -> {
              working--;
              stopped();
              poll();
            });
  }

  private Future<Void> follow(JobDelivery delivery, Claim claim) {
    return switch (claim) {
      case Claim.Claimed claimed -> work(delivery, claimed);
      case Claim.Later later -> settle(() -> delivery.retryAt(later.untilMillis()));
      case Claim.Over over -> over(delivery, over.job());
      case Claim.Unknown unknown -> settle(delivery::done);
    };
  }

  private Future<Void> over(JobDelivery delivery, Job job) {
    return job.state() == JobState.DEAD
        ? settle(() -> delivery.reject(job.reason(), job.attempts()))
        : settle(delivery::done);
  }

  private Future<Void> settle(java.util.function.Supplier<Future<Void>> settlement) {
    return parts.insist(settlement);
  }

  private Future<Void> work(JobDelivery delivery, Claim.Claimed claimed) {
    StormJob job = StormJob.of(claimed.job().request().facts());
    Registration[] beat = {Registration.NONE};
    beat(claimed.lease(), beat);
    return parts
        .vertx
        .timer(job.millis(), TimeUnit.MILLISECONDS)
        .compose(
            late -> {
              beat[0].cancel();
              return end(delivery, claimed, job.end());
            });
  }

  private void beat(JobLease lease, Registration[] beat) {
    beat[0] =
        parts.timeline.after(
            StormParts.LEASE.toNanos() / 3,
            () -> {
              parts.store.extend(lease, StormParts.LEASE);
              beat(lease, beat);
            });
  }

  private Future<Void> end(JobDelivery delivery, Claim.Claimed claimed, StormJob.End end) {
    Job job = claimed.job();
    return switch (end) {
      case DONE -> finish(claimed, JobState.DONE, "", 200).compose(done -> settle(delivery::done));
      case FAILED ->
          finish(claimed, JobState.FAILED, "bad request", 400)
              .compose(done -> settle(delivery::done));
      case DEAD ->
          job.attempts() < StormParts.TRIES
              ? again(delivery, claimed)
              : finish(claimed, JobState.DEAD, "all tries failed", 0)
                  .compose(
                      held ->
                          held
                              ? settle(() -> delivery.reject("all tries failed", job.attempts()))
                              : settle(delivery::done));
    };
  }

  private Future<Void> again(JobDelivery delivery, Claim.Claimed claimed) {
    long due = parts.timeline.epochMillis() + StormParts.RETRY_MILLIS;
    return parts
        .insist(
            () -> parts.store.retryAt(claimed.lease(), due, StormParts.GRACE, "the backend failed"))
        .compose(held -> settle(held ? () -> delivery.retryAt(due) : delivery::done));
  }

  private Future<Boolean> finish(Claim.Claimed claimed, JobState state, String reason, int status) {
    JobLease lease = claimed.lease();
    String body = lease.id() + " " + lease.owner() + " " + lease.epoch();
    @Nullable JobResult result =
        status == 0 ? null : new JobResult(status, Headers.EMPTY, Buffer.buffer(body));
    return parts
        .insist(() -> parts.store.finish(lease, state, reason, result))
        .onSuccess(
            held -> {
              if (held) {
                note(body);
              }
            });
  }

  private void note(String line) {
    try {
      Files.writeString(ended, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
