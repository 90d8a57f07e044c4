package dev.forebay.spi.jobs;

/**
 * A job as the store has it. All times are milliseconds since 1970 UTC by the clock of the store.
 *
 * @param request what never changes
 * @param state its state
 * @param attempts claims so far that count as tries: one that was {@linkplain JobStore#release
 *     given back} does not
 * @param epoch claims and cancellations so far; 0 before the first
 * @param owner the worker that claimed it last; empty before the first claim
 * @param dueMillis before this time it cannot be claimed
 * @param leaseUntilMillis when another worker may claim it; 0 unless it is {@link JobState#RUNNING}
 * @param endedMillis when it ended; 0 if it is not over
 * @param reason of its last failure or of its end, one line; empty if there was none
 * @param events number of its last event; 0 if there is none
 * @param enqueued whether the queue is known to have had it since it was created or revived
 */
public record Job(
    JobRequest request,
    JobState state,
    int attempts,
    long epoch,
    String owner,
    long dueMillis,
    long leaseUntilMillis,
    long endedMillis,
    String reason,
    long events,
    boolean enqueued) {

  /** Its id. */
  public String id() {
    return request.id();
  }

  /** Its entry for a queue. */
  public JobEntry entry() {
    return new JobEntry(request.id(), request.tenant(), request.priority(), dueMillis);
  }
}
