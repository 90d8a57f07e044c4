package dev.forebay.conformance;

import dev.forebay.spi.Headers;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The scenarios of {@link Rehearsal} for stores and queues of jobs. */
final class JobRehearsal {

  private static final int STEPS = 400;
  private static final Duration KEEP = Duration.ofSeconds(1);
  private static final JobResult RESULT =
      new JobResult(200, Headers.EMPTY, Buffer.buffer("the answer"));

  private JobRehearsal() {}

  private static Future<?> create(JobStore store, TestContext context, int i) {
    long now = context.timeline().epochMillis();
    JobRequest request =
        new JobRequest("job-" + i, "t" + i % 5, i % 3, now, false, Buffer.buffer("{}"));
    return store.create(
        request, Buffer.buffer("body"), new JobStore.IdempotencyKey("k" + i, "f"), now, now, KEEP);
  }

  /** Jobs are created, claimed, and end in all ways. */
  static List<String> store(JobStore store, TestContext context) {
    SplittableRandom chance = new SplittableRandom(7);
    List<String> decisions = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      decisions.add("create: " + context.await("create", create(store, context, i)).result());
      String id = "job-" + chance.nextInt(i + 1);
      Object claim =
          context
              .await("claim", store.claim(id, "worker-" + i % 3, Duration.ofSeconds(1)))
              .result();
      decisions.add("claim: " + claim);
      if (claim instanceof Claim.Claimed claimed) {
        decisions.add(
            "end: " + context.await("an end", end(store, claimed.lease(), chance)).result());
      }
      decisions.add("overdue: " + context.await("overdue", store.overdue(3, KEEP)).result());
      decisions.add("list: " + context.await("list", store.list("t1", null, 3)).result());
      context.pass(chance.nextLong(300_000_000));
    }
    for (int i = 0; i < STEPS; i++) {
      decisions.add(
          "cancel: " + context.await("cancel", store.cancel("job-" + i, "over")).result());
    }
    return decisions;
  }

  private static Future<?> end(JobStore store, JobLease lease, SplittableRandom chance) {
    return switch (chance.nextInt(5)) {
      case 0 -> store.finish(lease, JobState.DONE, "", RESULT);
      case 1 -> store.finish(lease, JobState.DEAD, "503", null);
      case 2 -> store.retryAt(lease, 0, KEEP, "503");
      case 3 -> store.append(lease, 1, List.of(Buffer.buffer("event")));
      default -> store.release(lease, KEEP);
    };
  }

  /** A job that is over at once. */
  static void fill(JobStore store, TestContext context, int i) {
    context.await("create", create(store, context, i));
    if (context.await("claim", store.claim("job-" + i, "worker", Duration.ofSeconds(1))).result()
        instanceof Claim.Claimed claimed) {
      context.await("append", store.append(claimed.lease(), 1, List.of(Buffer.buffer("event"))));
      context.await("finish", store.finish(claimed.lease(), JobState.DONE, "", RESULT));
    }
  }

  /** Entries come and are settled in all ways. */
  static List<String> queue(JobQueue queue, TestContext context) {
    SplittableRandom chance = new SplittableRandom(7);
    List<String> decisions = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      long now = context.timeline().epochMillis();
      JobEntry entry = new JobEntry("job-" + i, "t", i % 3, now + chance.nextInt(2_000));
      context.await("enqueue", queue.enqueue(entry));
      for (JobDelivery delivery : poll(queue, context, 1 + chance.nextInt(3))) {
        decisions.add(delivery.entry().toString());
        context.await(
            switch (chance.nextInt(4)) {
              case 0 -> delivery.retryAt(now + chance.nextInt(3_000));
              case 1 -> delivery.reject("503", 4);
              default -> delivery.done();
            });
      }
      context.pass(chance.nextLong(200_000_000));
    }
    for (int i = 0; i < STEPS; i++) {
      for (JobDelivery delivery : poll(queue, context, 10)) {
        decisions.add(delivery.entry().toString());
        context.await("done", delivery.done());
      }
      context.pass(10_000_000);
    }
    return decisions;
  }

  private static List<JobDelivery> poll(JobQueue queue, TestContext context, int most) {
    return context.await("poll", queue.poll(most, Duration.ZERO)).result();
  }

  /** An entry that is settled at once. */
  static void fill(JobQueue queue, TestContext context, int i) {
    context.await("enqueue", queue.enqueue(new JobEntry("job-" + i, "t" + i, 1, 0)));
    for (JobDelivery delivery : poll(queue, context, 10)) {
      context.await("a settlement", i % 10 == 0 ? delivery.reject("503", 4) : delivery.done());
    }
  }
}
