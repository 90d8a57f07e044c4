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
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in a map, and three orders of them: those that wait by due time, all by check time, those
 * that are over by when they are forgotten. So each step costs O(log n). Old jobs are forgotten
 * when something is asked, so nothing is scheduled.
 */
final class MemoryJobStore implements JobStore {

  private record Name(String tenant, String key) {}

  private final MemoryStore bounds;
  private final Timeline timeline;
  private final LinkedHashMap<String, Kept> jobs = new LinkedHashMap<>();
  private final Map<Name, Kept> names = new HashMap<>();
  private final NavigableSet<Kept> waiting = index(job -> job.dueMillis);
  private final NavigableSet<Kept> checks = index(job -> job.checkMillis);
  private final NavigableSet<Kept> expiring = index(Kept::expiresMillis);
  private final Map<JobState, Long> counts = new EnumMap<>(JobState.class);
  private long bytes;
  private long sequence;

  MemoryJobStore(MemoryStore bounds, Timeline timeline) {
    this.bounds = bounds;
    this.timeline = timeline;
  }

  private static NavigableSet<Kept> index(ToLongFunction<Kept> order) {
    return new TreeSet<>(Comparator.comparingLong(order).thenComparingLong(job -> job.sequence));
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
    Kept known = jobs.get(request.id());
    if (known != null) {
      return Future.succeededFuture(new Creation.Repeated(known.job()));
    }
    Name name = key == null ? null : new Name(request.tenant(), key.key());
    Kept named = name == null ? null : names.get(name);
    if (named != null && key != null && named.key != null) {
      return Future.succeededFuture(
          named.key.fingerprint().equals(key.fingerprint())
              ? new Creation.Repeated(named.job())
              : new Creation.KeyReused());
    }
    Kept added = new Kept(request, body, key, sequence++, keep.toMillis());
    if (jobs.size() >= bounds.maxJobs() || bytes + added.bytes() > bounds.maxBytes()) {
      return Future.succeededFuture(new Creation.Full());
    }
    added.dueMillis = dueMillis;
    added.checkMillis = checkMillis;
    jobs.put(request.id(), added);
    if (name != null) {
      names.put(name, added);
    }
    bytes += added.bytes();
    insert(added);
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
      forget(job);
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
    List<Kept> newestFirst = new ArrayList<>(jobs.values());
    Collections.reverse(newestFirst);
    return Future.succeededFuture(
        newestFirst.stream()
            .filter(job -> tenant == null || job.request.tenant().equals(tenant))
            .filter(job -> state == null || job.state == state)
            .limit(most)
            .map(Kept::job)
            .toList());
  }

  @Override
  public Future<JobFigures> figures() {
    now();
    long oldest = waiting.isEmpty() ? 0 : waiting.first().dueMillis;
    return Future.succeededFuture(new JobFigures(counts, oldest));
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
      bytes += data.get(i).length();
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
    while (found.size() < most && !checks.isEmpty() && checks.first().checkMillis <= now) {
      Kept job = checks.first();
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

  /** Changes a job out of all orders, so that they stay right. */
  private void change(Kept job, Consumer<Kept> step) {
    take(job);
    bytes -= job.bytes();
    step.accept(job);
    bytes += job.bytes();
    insert(job);
    if (job.state.over()) {
      tell(job);
    }
  }

  private static void tell(Kept job) {
    List.copyOf(job.readers).forEach(Runnable::run);
  }

  private void insert(Kept job) {
    if (job.state == JobState.QUEUED) {
      waiting.add(job);
    }
    if (job.checkMillis != NEVER) {
      checks.add(job);
    }
    if (job.state.over()) {
      expiring.add(job);
    }
    counts.merge(job.state, 1L, Long::sum);
  }

  private void take(Kept job) {
    if (job.state == JobState.QUEUED) {
      waiting.remove(job);
    }
    if (job.checkMillis != NEVER) {
      checks.remove(job);
    }
    if (job.state.over()) {
      expiring.remove(job);
    }
    counts.merge(job.state, -1L, Long::sum);
  }

  private void forget(Kept job) {
    take(job);
    bytes -= job.bytes();
    job.events.forEach(event -> bytes -= event.length());
    jobs.remove(job.request.id());
    if (job.key != null) {
      names.remove(new Name(job.request.tenant(), job.key.key()));
    }
  }

  private @Nullable Kept find(String id) {
    now();
    return jobs.get(id);
  }

  /** The time, after those were forgotten whose time is over. */
  private long now() {
    timeline.check();
    long now = timeline.epochMillis();
    while (!expiring.isEmpty() && expiring.first().expiresMillis() <= now) {
      forget(expiring.first());
    }
    return now;
  }
}
