package dev.forebay.conformance;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Creation;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvent;
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
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Jobs in a map, looked through for each question. */
class ReferenceJobStore implements JobStore {

  /** A job that changes. */
  static final class Row {
    final JobRequest request;
    final Buffer body;
    final @Nullable IdempotencyKey key;
    final long keepMillis;
    final List<Buffer> events = new ArrayList<>();
    final List<Runnable> readers = new ArrayList<>();
    JobState state = JobState.QUEUED;
    int attempts;
    long epoch;
    String owner = "";
    long due;
    long leaseUntil;
    long ended;
    long check;
    String reason = "";
    boolean enqueued;
    @Nullable JobResult result;

    Row(JobRequest request, Buffer body, @Nullable IdempotencyKey key, long keepMillis) {
      this.request = request;
      this.body = body;
      this.key = key;
      this.keepMillis = keepMillis;
    }

    Job job() {
      long until = state == JobState.RUNNING ? leaseUntil : 0;
      return new Job(
          request,
          state,
          attempts,
          epoch,
          owner,
          due,
          until,
          ended,
          reason,
          events.size(),
          enqueued);
    }
  }

  final PluginContext context;
  final Map<String, Row> rows = new LinkedHashMap<>();
  final Map<String, Row> names = new LinkedHashMap<>();

  ReferenceJobStore(PluginContext context) {
    this.context = context;
  }

  final long now() {
    return context.timeline().epochMillis();
  }

  JobRequest kept(JobRequest request) {
    return request;
  }

  boolean claimable(Row row) {
    return row.state == JobState.QUEUED
        ? row.due <= now()
        : row.state == JobState.RUNNING && row.leaseUntil <= now();
  }

  boolean held(Row row, JobLease lease) {
    return row.state == JobState.RUNNING && row.epoch == lease.epoch();
  }

  String name(String tenant, String key) {
    return tenant + "\n" + key;
  }

  void freed(Row row, IdempotencyKey key) {
    names.remove(name(row.request.tenant(), key.key()));
  }

  private void forgetOld() {
    for (Row row : List.copyOf(rows.values())) {
      if (row.state.over() && row.ended + row.keepMillis <= now()) {
        forget(row);
      }
    }
  }

  private void forget(Row row) {
    rows.remove(row.request.id());
    if (row.key != null) {
      freed(row, row.key);
    }
  }

  final @Nullable Row find(String id) {
    forgetOld();
    return rows.get(id);
  }

  @Override
  public Future<Creation> create(
      JobRequest request,
      Buffer body,
      @Nullable IdempotencyKey key,
      long dueMillis,
      long checkMillis,
      Duration keep) {
    forgetOld();
    Row known = key == null ? null : names.get(name(request.tenant(), key.key()));
    if (known != null && key != null && known.key != null) {
      return Future.succeededFuture(
          known.key.fingerprint().equals(key.fingerprint())
              ? new Creation.Repeated(known.job())
              : new Creation.KeyReused());
    }
    Row row = new Row(kept(request), body, key, keep.toMillis());
    row.due = dueMillis;
    row.check = checkMillis;
    rows.put(request.id(), row);
    if (key != null) {
      names.put(name(request.tenant(), key.key()), row);
    }
    return Future.succeededFuture(new Creation.Created(row.job()));
  }

  @Override
  public Future<Void> enqueued(String id, long checkMillis) {
    Row row = find(id);
    if (row != null && row.state == JobState.QUEUED) {
      row.enqueued = true;
      row.check = checkMillis;
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<Boolean> withdraw(String id) {
    Row row = find(id);
    boolean fresh = row != null && row.epoch == 0 && !row.enqueued;
    if (row != null && fresh) {
      forget(row);
    }
    return Future.succeededFuture(fresh);
  }

  @Override
  public Future<@Nullable Job> get(String id) {
    Row row = find(id);
    return Future.succeededFuture(row == null ? null : row.job());
  }

  @Override
  public Future<@Nullable JobResult> result(String id) {
    Row row = find(id);
    return Future.succeededFuture(row == null ? null : row.result);
  }

  Collection<Row> newestFirst() {
    return new ArrayList<>(rows.values()).reversed();
  }

  @Override
  public Future<List<Job>> list(@Nullable String tenant, @Nullable JobState state, int most) {
    forgetOld();
    return Future.succeededFuture(
        newestFirst().stream()
            .filter(row -> tenant == null || row.request.tenant().equals(tenant))
            .filter(row -> state == null || row.state == state)
            .limit(most)
            .map(Row::job)
            .toList());
  }

  @Override
  public Future<JobFigures> figures() {
    Map<JobState, Long> counts = new EnumMap<>(JobState.class);
    rows.values().forEach(row -> counts.merge(row.state, 1L, Long::sum));
    return Future.succeededFuture(new JobFigures(counts, 0));
  }

  @Override
  public Future<Claim> claim(String id, String owner, Duration lease) {
    Row row = find(id);
    if (row == null) {
      return Future.succeededFuture(new Claim.Unknown());
    }
    if (row.state.over()) {
      return Future.succeededFuture(new Claim.Over(row.job()));
    }
    if (!claimable(row)) {
      return Future.succeededFuture(
          new Claim.Later(row.state == JobState.QUEUED ? row.due : row.leaseUntil));
    }
    return Future.succeededFuture(take(row, owner, lease));
  }

  final Claim take(Row row, String owner, Duration lease) {
    row.state = JobState.RUNNING;
    row.owner = owner;
    row.epoch++;
    row.attempts++;
    row.leaseUntil = now() + lease.toMillis();
    row.check = row.leaseUntil;
    return new Claim.Claimed(row.job(), row.body);
  }

  @Override
  public Future<Boolean> extend(JobLease lease, Duration by) {
    return write(
        lease,
        row -> {
          row.leaseUntil = now() + by.toMillis();
          row.check = row.leaseUntil;
        });
  }

  final Future<Boolean> write(JobLease lease, Consumer<Row> step) {
    Row row = find(lease.id());
    boolean may = row != null && held(row, lease);
    if (row != null && may) {
      step.accept(row);
      if (row.state.over()) {
        tell(row);
      }
    }
    return Future.succeededFuture(may);
  }

  @Override
  public Future<Boolean> append(JobLease lease, long first, List<Buffer> data) {
    Row row = find(lease.id());
    if (row != null && first > row.events.size() + 1L) {
      return Future.failedFuture("a gap");
    }
    return write(
        lease,
        it -> {
          it.events.addAll(fresh(data, (int) (it.events.size() + 1 - first)));
          told(it);
        });
  }

  List<Buffer> fresh(List<Buffer> data, int known) {
    return data.subList(Math.min(known, data.size()), data.size());
  }

  void told(Row row) {
    tell(row);
  }

  final void tell(Row row) {
    List.copyOf(row.readers).forEach(Runnable::run);
  }

  @Override
  public Future<@Nullable JobEvents> events(String id, long after, int most, Duration wait) {
    Row row = find(id);
    if (row == null) {
      return Future.succeededFuture(null);
    }
    if (row.events.size() > after || row.state.over() || wait.isZero()) {
      return Future.succeededFuture(read(row, after, most));
    }
    Promise<@Nullable JobEvents> some = Promise.promise();
    Runnable reader = () -> some.tryComplete(read(row, after, most));
    var timer = context.timeline().after(wait.toNanos(), reader);
    row.readers.add(reader);
    return some.future()
        .onComplete(
            done -> {
              timer.cancel();
              row.readers.remove(reader);
            });
  }

  private static JobEvents read(Row row, long after, int most) {
    List<JobEvent> events = new ArrayList<>();
    for (int i = (int) after; i < row.events.size() && events.size() < most; i++) {
      events.add(new JobEvent(i + 1L, row.events.get(i)));
    }
    return new JobEvents(events, row.job());
  }

  @Override
  public Future<Boolean> retryAt(JobLease lease, long dueMillis, Duration grace, String reason) {
    return write(
        lease,
        row -> {
          row.state = JobState.QUEUED;
          row.due = dueMillis;
          row.check = dueMillis + grace.toMillis();
          row.reason = reason;
        });
  }

  @Override
  public Future<Boolean> release(JobLease lease, Duration grace) {
    return write(
        lease,
        row -> {
          row.state = JobState.QUEUED;
          row.due = now();
          row.check = now() + grace.toMillis();
          row.attempts = givenBack(row.attempts);
        });
  }

  int givenBack(int attempts) {
    return attempts - 1;
  }

  @Override
  public Future<Boolean> finish(
      JobLease lease, JobState state, String reason, @Nullable JobResult result) {
    Row ended = find(lease.id());
    if (ended != null && ended.state == state && ended.epoch == lease.epoch()) {
      return Future.succeededFuture(true);
    }
    return write(
        lease,
        row -> {
          row.result = result;
          end(row, state, reason);
        });
  }

  private void end(Row row, JobState state, String reason) {
    row.state = state;
    row.reason = reason;
    row.ended = now();
    row.check = row.request.callback() ? now() : NEVER;
  }

  boolean cancellable(Row row) {
    return !row.state.over();
  }

  @Override
  public Future<@Nullable Job> cancel(String id, String reason) {
    Row row = find(id);
    if (row != null && cancellable(row)) {
      row.epoch++;
      end(row, JobState.CANCELLED, reason);
      tell(row);
    }
    return Future.succeededFuture(row == null ? null : row.job());
  }

  @Override
  public Future<@Nullable Job> revive(String id, long checkMillis) {
    Row row = find(id);
    if (row == null || !row.state.over()) {
      return Future.succeededFuture(null);
    }
    row.state = JobState.QUEUED;
    row.attempts = revived(row.attempts);
    row.due = now();
    row.check = checkMillis;
    row.ended = 0;
    row.result = null;
    row.enqueued = false;
    return Future.succeededFuture(row.job());
  }

  int revived(int attempts) {
    return 0;
  }

  long moved(Row row, Duration again) {
    return now() + again.toMillis();
  }

  @Override
  public Future<List<Job>> overdue(int most, Duration again) {
    forgetOld();
    List<Row> found = rows.values().stream().filter(row -> row.check <= now()).limit(most).toList();
    found.forEach(row -> row.check = moved(row, again));
    return Future.succeededFuture(found.stream().map(Row::job).toList());
  }

  @Override
  public Future<Void> checkAt(String id, long checkMillis) {
    Row row = find(id);
    if (row != null) {
      row.check = checkMillis;
    }
    return Future.succeededFuture();
  }
}
