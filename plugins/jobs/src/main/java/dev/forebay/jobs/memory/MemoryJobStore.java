package dev.forebay.jobs.memory;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Creation;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvents;
import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobLease;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in the memory of the process. Old ones are forgotten when something is asked, so nothing is
 * scheduled.
 */
final class MemoryJobStore implements JobStore {

  private final MemoryStore bounds;
  private final Timeline timeline;
  private final KeptJobs jobs = new KeptJobs();
  private long sequence;

  MemoryJobStore(MemoryStore bounds, Timeline timeline) {
    this.bounds = bounds;
    this.timeline = timeline;
  }

  @Override
  public Future<Creation> create(
      JobRequest request,
      Buffer body,
      @Nullable IdempotencyKey key,
      long dueMillis,
      long checkMillis,
      Duration keep) {
    now();
    Kept known = jobs.find(request.id());
    if (known != null) {
      return Future.succeededFuture(new Creation.Repeated(known.job()));
    }
    Kept named = key == null ? null : jobs.named(request.tenant(), key.key());
    if (named != null && key != null && named.key != null) {
      return Future.succeededFuture(
          named.key.fingerprint().equals(key.fingerprint())
              ? new Creation.Repeated(named.job())
              : new Creation.KeyReused());
    }
    Kept added = new Kept(request, body, key, sequence++, keep.toMillis());
    if (jobs.size() >= bounds.maxJobs() || jobs.bytes() + added.bytes() > bounds.maxBytes()) {
      return Future.succeededFuture(new Creation.Full());
    }
    added.dueMillis = dueMillis;
    added.checkMillis = checkMillis;
    jobs.add(added);
    return Future.succeededFuture(new Creation.Created(added.job()));
  }

  @Override
  public Future<Void> enqueued(String id, long checkMillis) {
    Kept job = find(id);
    if (job != null && job.state == JobState.QUEUED) {
      change(
          job,
          it -> {
            it.enqueued = true;
            it.checkMillis = checkMillis;
          });
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<Boolean> withdraw(String id) {
    Kept job = find(id);
    boolean fresh = job != null && job.epoch == 0 && !job.enqueued;
    if (job != null && fresh) {
      jobs.forget(job);
      job.readers.forEach(Runnable::run);
    }
    return Future.succeededFuture(fresh);
  }

  @Override
  public Future<@Nullable Job> get(String id) {
    Kept job = find(id);
    return Future.succeededFuture(job == null ? null : job.job());
  }

  @Override
  public Future<@Nullable JobResult> result(String id) {
    Kept job = find(id);
    return Future.succeededFuture(job == null ? null : job.result);
  }

  @Override
  public Future<List<Job>> list(@Nullable String tenant, @Nullable JobState state, int most) {
    now();
    return Future.succeededFuture(
        jobs.newestFirst().stream()
            .filter(job -> tenant == null || job.request.tenant().equals(tenant))
            .filter(job -> state == null || job.state == state)
            .limit(most)
            .map(Kept::job)
            .toList());
  }

  @Override
  public Future<JobFigures> figures() {
    now();
    return Future.succeededFuture(jobs.figures());
  }

  @Override
  public Future<Claim> claim(String id, String owner, Duration lease) {
    long now = now();
    Kept job = find(id);
    if (job == null) {
      return Future.succeededFuture(new Claim.Unknown());
    }
    if (job.state.over()) {
      return Future.succeededFuture(new Claim.Over(job.job()));
    }
    if (!job.claimable(now)) {
      return Future.succeededFuture(
          new Claim.Later(job.state == JobState.QUEUED ? job.dueMillis : job.leaseUntilMillis));
    }
    change(
        job,
        it -> {
          it.state = JobState.RUNNING;
          it.owner = owner;
          it.epoch++;
          it.attempts++;
          it.leaseUntilMillis = now + lease.toMillis();
          it.checkMillis = it.leaseUntilMillis;
        });
    return Future.succeededFuture(new Claim.Claimed(job.job(), job.body));
  }

  @Override
  public Future<Boolean> extend(JobLease lease, Duration by) {
    long until = now() + by.toMillis();
    return write(
        lease,
        job -> {
          job.leaseUntilMillis = until;
          job.checkMillis = until;
        });
  }

  @Override
  public Future<Boolean> append(JobLease lease, long first, List<Buffer> data) {
    Kept job = find(lease.id());
    if (job == null || !job.held(lease)) {
      return Future.succeededFuture(false);
    }
    int there = job.events.size();
    if (first < 1 || first > there + 1L) {
      return Future.failedFuture(
          new IllegalArgumentException(
              "first: " + first + " (expected: 1 to " + (there + 1L) + ")"));
    }
    for (int i = (int) (there + 1L - first); i < data.size(); i++) {
      job.events.add(data.get(i));
      jobs.grew(data.get(i).length());
    }
    tell(job);
    return Future.succeededFuture(true);
  }

  @Override
  public Future<@Nullable JobEvents> events(String id, long after, int most, Duration wait) {
    Kept job = find(id);
    if (job == null) {
      return Future.succeededFuture(null);
    }
    if (job.events.size() > after || job.state.over() || wait.isZero()) {
      return Future.succeededFuture(new JobEvents(job.after(after, most), job.job()));
    }
    Promise<@Nullable JobEvents> some = Promise.promise();
    Runnable read =
        () ->
            some.tryComplete(
                found(job, id) ? new JobEvents(job.after(after, most), job.job()) : null);
    Registration timer = timeline.after(wait.toNanos(), read);
    job.readers.add(read);
    return some.future()
        .map(
            events -> {
              timer.cancel();
              job.readers.remove(read);
              return events;
            });
  }

  private boolean found(Kept job, String id) {
    return find(id) == job;
  }

  @Override
  public Future<Boolean> retryAt(JobLease lease, long dueMillis, Duration grace, String reason) {
    return write(
        lease,
        job -> {
          job.state = JobState.QUEUED;
          job.dueMillis = dueMillis;
          job.checkMillis = dueMillis + grace.toMillis();
          job.reason = reason;
        });
  }

  @Override
  public Future<Boolean> release(JobLease lease, Duration grace) {
    long now = now();
    return write(
        lease,
        job -> {
          job.state = JobState.QUEUED;
          job.attempts--;
          job.dueMillis = now;
          job.checkMillis = now + grace.toMillis();
        });
  }

  @Override
  public Future<Boolean> finish(
      JobLease lease, JobState state, String reason, @Nullable JobResult result) {
    long now = now();
    Kept ended = find(lease.id());
    if (ended != null && ended.state == state && ended.sameClaim(lease)) {
      return Future.succeededFuture(true); // asked again
    }
    return write(
        lease,
        job -> {
          job.result = result;
          end(job, state, reason, now);
        });
  }

  @Override
  public Future<@Nullable Job> cancel(String id, String reason) {
    long now = now();
    Kept job = find(id);
    if (job != null && !job.state.over()) {
      change(
          job,
          it -> {
            it.epoch++;
            end(it, JobState.CANCELLED, reason, now);
          });
    }
    return Future.succeededFuture(job == null ? null : job.job());
  }

  private static void end(Kept job, JobState state, String reason, long now) {
    job.state = state;
    job.reason = reason;
    job.endedMillis = now;
    job.checkMillis = job.request.callback() ? now : NEVER;
  }

  @Override
  public Future<@Nullable Job> revive(String id, long checkMillis) {
    long now = now();
    Kept job = find(id);
    if (job == null || !job.state.over()) {
      return Future.succeededFuture(null);
    }
    change(
        job,
        it -> {
          it.state = JobState.QUEUED;
          it.attempts = 0;
          it.dueMillis = now;
          it.endedMillis = 0;
          it.result = null;
          it.enqueued = false;
          it.checkMillis = checkMillis;
        });
    return Future.succeededFuture(job.job());
  }

  @Override
  public Future<List<Job>> overdue(int most, Duration again) {
    long now = now();
    List<Job> found = new ArrayList<>();
    for (Kept job = jobs.toCheck(now);
        job != null && found.size() < most;
        job = jobs.toCheck(now)) {
      change(job, it -> it.checkMillis = now + Math.max(1, again.toMillis()));
      found.add(job.job());
    }
    return Future.succeededFuture(found);
  }

  @Override
  public Future<Void> checkAt(String id, long checkMillis) {
    Kept job = find(id);
    if (job != null) {
      change(job, it -> it.checkMillis = checkMillis);
    }
    return Future.succeededFuture();
  }

  private Future<Boolean> write(JobLease lease, Consumer<Kept> step) {
    Kept job = find(lease.id());
    if (job == null || !job.held(lease)) {
      return Future.succeededFuture(false);
    }
    change(job, step);
    return Future.succeededFuture(true);
  }

  private void change(Kept job, Consumer<Kept> step) {
    jobs.change(job, step);
    if (job.state.over()) {
      tell(job);
    }
  }

  private static void tell(Kept job) {
    List.copyOf(job.readers).forEach(Runnable::run);
  }

  private @Nullable Kept find(String id) {
    now();
    return jobs.find(id);
  }

  /** The time, after those were forgotten whose time is over. */
  private long now() {
    timeline.check();
    long now = timeline.epochMillis();
    jobs.expire(now);
    return now;
  }
}
