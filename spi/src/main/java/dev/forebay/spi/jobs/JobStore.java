package dev.forebay.spi.jobs;

import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Named;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The authority on jobs: their states, bodies, events and results. Gateways and workers share it;
 * each method is one atomic step for all of them. Asked on the gateway's timeline; its futures
 * complete there.
 *
 * <p>If a future fails, the step may have happened or not, and asking again is safe. A step that
 * was made and is asked for again with the same arguments gives the same answer: this holds for all
 * methods except {@link #claim} and {@link #overdue}. So {@link #finish} of a job that the same
 * lease has ended in the same way is true.
 *
 * <p>Writes that name a {@link JobLease} are refused, which is {@code false}, if the job is not
 * {@link JobState#RUNNING} in that epoch. Times are by one clock, that of the store.
 *
 * <p>An unfinished job is never lost: not by age, not by eviction. One that is over is forgotten
 * with its body, events, result and idempotency key when {@code keep} has passed since its end.
 */
@Named("job store")
public interface JobStore extends Lifecycle {

  /** The check time of a job that need not be looked at. */
  long NEVER = Long.MAX_VALUE;

  /**
   * Whether the store can be used. It is asked after {@link #prepare}, and again if it failed.
   *
   * @return fails if it cannot, or must not, be used, with what to do: it is not reached, or may
   *     evict jobs
   */
  default Future<Void> ready() {
    return Future.succeededFuture();
  }

  /**
   * A caller's own name for a request, so that it can be sent again.
   *
   * @param key as the caller sent it, in the scope of the job's tenant; 1 to 255 characters
   * @param fingerprint of what was asked: another one under the same key is refused
   */
  record IdempotencyKey(String key, String fingerprint) {}

  /**
   * Keeps a job, {@link JobState#QUEUED}. The future completes when it is kept as safely as the
   * store can.
   *
   * @param body of the request; of any size that the gateway takes
   * @param key null if the caller gave none
   * @param dueMillis before this time it cannot be claimed; now or earlier is at once
   * @param checkMillis when {@link #overdue} gives it if nothing happens until then
   * @param keep how long it is kept after its end; at least 1 s
   * @return {@link Creation.KeyReused} and {@link Creation.Repeated} go before {@link
   *     Creation.Full}. An id that is known already, with the same request, is {@link
   *     Creation.Repeated}.
   */
  Future<Creation> create(
      JobRequest request,
      Buffer body,
      @Nullable IdempotencyKey key,
      long dueMillis,
      long checkMillis,
      Duration keep);

  /**
   * Notes that a queue has acknowledged an entry of the job, and sets the check time of one that is
   * still {@link JobState#QUEUED}.
   */
  Future<Void> enqueued(String id, long checkMillis);

  /**
   * Forgets a job that no worker has ever claimed and no queue has acknowledged, with its
   * idempotency key.
   *
   * @return false if it is not there, was claimed, or was noted by {@link #enqueued}: then some
   *     caller may count on it
   */
  Future<Boolean> withdraw(String id);

  /** The job; null if there is none. */
  Future<@Nullable Job> get(String id);

  /** The result of a job; null if there is no such job, or no result yet. */
  Future<@Nullable JobResult> result(String id);

  /**
   * Jobs, the newest first.
   *
   * @param tenant null for all
   * @param state null for all
   * @param most at most so many, 1 to 1,000. A store may look at its newest 100,000 jobs only.
   */
  Future<List<Job>> list(@Nullable String tenant, @Nullable JobState state, int most);

  /** Counts, for metrics; may be some seconds old. */
  Future<JobFigures> figures();

  /**
   * Gives a job to a worker if it is {@link JobState#QUEUED} and due, or {@link JobState#RUNNING}
   * with a lease that has run out. Then, in the same step: it is running, its epoch and its
   * attempts are one higher, its owner is this worker, its lease and its check time are set.
   *
   * @param owner random for each start of a worker, at most 100 characters
   * @param lease how long nobody else may claim it; 1 s to 1 h
   */
  Future<Claim> claim(String id, String owner, Duration lease);

  /**
   * Extends a lease to so long from now; the check time of the job is then the end of the lease.
   *
   * @return false if the lease is lost: the worker stops its work
   */
  Future<Boolean> extend(JobLease lease, Duration by);

  /**
   * Appends events, and tells readers that wait. Events that are there already are left as they
   * are, so that an append can be sent again.
   *
   * @param first the number of the first of them: at most one more than the last that is there,
   *     else the future fails
   * @param data 1 to 1,000 pieces
   * @return false if the lease is lost
   */
  Future<Boolean> append(JobLease lease, long first, List<Buffer> data);

  /**
   * Events after a number, as soon as there are any.
   *
   * @param after the number of the last event that the reader has, 0 for none
   * @param most at most so many, 1 to 1,000
   * @param wait how long to wait for one, 0 to 60 s. The future completes early if the job is or
   *     gets over.
   * @return null if there is no such job; without events if the wait is over
   */
  Future<@Nullable JobEvents> events(String id, long after, int most, Duration wait);

  /**
   * Puts a job back after a try that failed: {@link JobState#QUEUED}, with this due time. Its check
   * time is the due time plus {@code grace}.
   *
   * @param reason one line
   * @return false if the lease is lost
   */
  Future<Boolean> retryAt(JobLease lease, long dueMillis, Duration grace, String reason);

  /**
   * Puts a job back as if it had not been claimed, because the worker stops: {@link
   * JobState#QUEUED}, due now, checked after {@code grace}; the try does not count.
   *
   * @return false if the lease is lost
   */
  Future<Boolean> release(JobLease lease, Duration grace);

  /**
   * Ends a job. Its check time is now if it has a callback, else {@link #NEVER}.
   *
   * @param state {@link JobState#DONE}, {@link JobState#FAILED} or {@link JobState#DEAD}
   * @param reason one line; empty if it is done
   * @param result null if there is none
   * @return false if the lease is lost: then this worker's result is not the job's
   */
  Future<Boolean> finish(JobLease lease, JobState state, String reason, @Nullable JobResult result);

  /**
   * Cancels a job that is not over, and raises its epoch, so that its worker loses the lease. Its
   * check time is now if it has a callback, else {@link #NEVER}.
   *
   * @return the job as it is then, changed or not; null if there is none
   */
  Future<@Nullable Job> cancel(String id, String reason);

  /**
   * Begins a job that is over again: {@link JobState#QUEUED}, due now, not {@linkplain Job#enqueued
   * enqueued}, with no attempts, and without its result; events stay. It is kept until its next
   * end.
   *
   * @return the job as it is then; null if there is none, or it is not over
   */
  Future<@Nullable Job> revive(String id, long checkMillis);

  /**
   * Jobs whose check time has passed, and moves their check time in the same step, so that no other
   * gateway is given them before: those that were never enqueued, those whose worker is silent,
   * those that ended and have a callback.
   *
   * @param most at most so many, 1 to 1,000; those with the earliest check times
   * @param again how long until the next check of each
   */
  Future<List<Job>> overdue(int most, Duration again);

  /** Sets the check time of a job, if it is there; {@link #NEVER} for none. */
  Future<Void> checkAt(String id, long checkMillis);
}
