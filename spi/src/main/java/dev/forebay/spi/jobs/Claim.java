package dev.forebay.spi.jobs;

import io.vertx.core.buffer.Buffer;

/** What a store says to a worker that wants a job. */
public sealed interface Claim {

  /**
   * The job is the worker's.
   *
   * @param job as it is now: {@link JobState#RUNNING}, with this try counted
   * @param body of the request, exactly
   */
  record Claimed(Job job, Buffer body) implements Claim {

    /** What the worker shows with each write. */
    public JobLease lease() {
      return new JobLease(job.id(), job.owner(), job.epoch());
    }
  }

  /**
   * Not yet: it is not due, or another worker holds it. The entry is to be delivered again then.
   *
   * @param untilMillis its due time, or the end of the lease
   */
  record Later(long untilMillis) implements Claim {}

  /**
   * It is over.
   *
   * @param job how it ended; if it is {@link JobState#DEAD}, the entry is to be rejected again,
   *     since the dead letter may be missing
   */
  record Over(Job job) implements Claim {}

  /** There is no such job: it expired, or was withdrawn. */
  record Unknown() implements Claim {}
}
