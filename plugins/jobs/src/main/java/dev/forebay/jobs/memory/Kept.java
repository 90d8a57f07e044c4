package dev.forebay.jobs.memory;

import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvent;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job in memory: fields that its store changes, and that its indexes are ordered by. */
final class Kept {

  /** Bytes that are counted for a job beside its body, facts, events and result. */
  private static final int FIXED_BYTES = 400;

  final JobRequest request;
  final Buffer body;
  final JobStore.@Nullable IdempotencyKey key;
  final long sequence;
  final long keepMillis;
  final List<Buffer> events = new ArrayList<>(0);
  final List<Runnable> readers = new ArrayList<>(0);
  JobState state = JobState.QUEUED;
  int attempts;
  long epoch;
  String owner = "";
  long dueMillis;
  long leaseUntilMillis;
  long endedMillis;
  String reason = "";
  boolean enqueued;
  long checkMillis;
  @Nullable JobResult result;

  Kept(
      JobRequest request,
      Buffer body,
      JobStore.@Nullable IdempotencyKey key,
      long sequence,
      long keepMillis) {
    this.request = request;
    this.body = body;
    this.key = key;
    this.sequence = sequence;
    this.keepMillis = keepMillis;
  }

  Job job() {
    return new Job(
        request,
        state,
        attempts,
        epoch,
        owner,
        dueMillis,
        state == JobState.RUNNING ? leaseUntilMillis : 0,
        endedMillis,
        reason,
        events.size(),
        enqueued);
  }

  boolean held(JobLease lease) {
    return state == JobState.RUNNING && sameClaim(lease);
  }

  boolean sameClaim(JobLease lease) {
    return epoch == lease.epoch() && owner.equals(lease.owner());
  }

  boolean claimable(long now) {
    return state == JobState.QUEUED
        ? dueMillis <= now
        : state == JobState.RUNNING && leaseUntilMillis <= now;
  }

  List<JobEvent> after(long number, int most) {
    int from = (int) Math.min(Math.max(0, number), events.size());
    List<JobEvent> some = new ArrayList<>();
    for (int i = from; i < events.size() && some.size() < most; i++) {
      some.add(new JobEvent(i + 1L, events.get(i)));
    }
    return some;
  }

  /** When it is forgotten. */
  long expiresMillis() {
    return state.over() ? endedMillis + keepMillis : JobStore.NEVER;
  }

  long bytes() {
    JobResult known = result;
    return (long) FIXED_BYTES
        + body.length()
        + request.facts().length()
        + (known == null ? 0 : known.body().length());
  }
}
