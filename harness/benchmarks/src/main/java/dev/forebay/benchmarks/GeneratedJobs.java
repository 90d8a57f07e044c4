package dev.forebay.benchmarks;

import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Creation;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobEvents;
import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * So many jobs that wait, of which nothing is kept but how many are left: each is made when a
 * worker asks for it. What a heap grows by is then the worker's.
 */
final class GeneratedJobs implements JobStore, JobQueue {

  private static final Future<Void> DONE = Future.succeededFuture();
  private static final Future<Boolean> YES = Future.succeededFuture(true);

  private final int count;
  private final Buffer facts;
  private final Buffer body = Buffer.buffer("{}");
  private int given;
  private int ended;

  GeneratedJobs(int count, Buffer facts) {
    this.count = count;
    this.facts = facts;
  }

  int ended() {
    return ended;
  }

  @Override
  public void prepare() {
    // nothing to prepare
  }

  @Override
  public Future<Void> ready() {
    return DONE;
  }

  @Override
  public Future<Void> close() {
    return DONE;
  }

  @Override
  public Future<Void> enqueue(JobEntry entry) {
    return Future.failedFuture("no more jobs are taken");
  }

  @Override
  public Future<List<JobDelivery>> poll(int most, Duration wait) {
    List<JobDelivery> some = new ArrayList<>();
    for (; some.size() < most && given < count; given++) {
      some.add(new Delivery(new JobEntry("job-" + given, "t", 2, 0)));
    }
    return some.isEmpty()
        ? Promise.<List<JobDelivery>>promise().future()
        : Future.succeededFuture(some);
  }

  @Override
  public Future<Long> depth() {
    return Future.succeededFuture((long) count - ended);
  }

  /** An entry that nobody else has. */
  private record Delivery(JobEntry entry) implements JobDelivery {
    @Override
    public Future<Void> done() {
      return DONE;
    }

    @Override
    public Future<Void> retryAt(long dueMillis) {
      return DONE;
    }

    @Override
    public Future<Void> reject(String reason, int attempts) {
      return DONE;
    }
  }

  @Override
  public Future<Claim> claim(String id, String owner, Duration lease) {
    JobRequest request = new JobRequest(id, "t", 2, 0, false, facts);
    return Future.succeededFuture(
        new Claim.Claimed(
            new Job(request, JobState.RUNNING, 1, 1, owner, 0, lease.toMillis(), 0, "", 0, true),
            body));
  }

  @Override
  public Future<Boolean> finish(
      JobLease lease, JobState state, String reason, @Nullable JobResult result) {
    ended += state == JobState.DONE ? 1 : 0;
    return YES;
  }

  @Override
  public Future<Boolean> extend(JobLease lease, Duration by) {
    return YES;
  }

  @Override
  public Future<Boolean> append(JobLease lease, long first, List<Buffer> data) {
    return YES;
  }

  @Override
  public Future<Boolean> retryAt(JobLease lease, long dueMillis, Duration grace, String reason) {
    return YES;
  }

  @Override
  public Future<Boolean> release(JobLease lease, Duration grace) {
    return YES;
  }

  @Override
  public Future<Creation> create(
      JobRequest request,
      Buffer bytes,
      @Nullable IdempotencyKey key,
      long dueMillis,
      long checkMillis,
      Duration keep) {
    return Future.succeededFuture(new Creation.Full());
  }

  @Override
  public Future<Void> enqueued(String id, long checkMillis) {
    return DONE;
  }

  @Override
  public Future<Boolean> withdraw(String id) {
    return Future.succeededFuture(false);
  }

  @Override
  public Future<@Nullable Job> get(String id) {
    return Future.succeededFuture(null);
  }

  @Override
  public Future<@Nullable JobResult> result(String id) {
    return Future.succeededFuture(null);
  }

  @Override
  public Future<List<Job>> list(@Nullable String tenant, @Nullable JobState state, int most) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<JobFigures> figures() {
    return Future.succeededFuture(new JobFigures(Map.of(), 0));
  }

  @Override
  public Future<@Nullable JobEvents> events(String id, long after, int most, Duration wait) {
    return Future.succeededFuture(null);
  }

  @Override
  public Future<@Nullable Job> cancel(String id, String reason) {
    return Future.succeededFuture(null);
  }

  @Override
  public Future<@Nullable Job> revive(String id, long checkMillis) {
    return Future.succeededFuture(null);
  }

  @Override
  public Future<List<Job>> overdue(int most, Duration again) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<Void> checkAt(String id, long checkMillis) {
    return DONE;
  }
}
