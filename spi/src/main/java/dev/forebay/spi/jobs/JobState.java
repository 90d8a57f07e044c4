package dev.forebay.spi.jobs;

import java.util.Locale;

/** The state of a job. */
public enum JobState {
  /** It waits: for its due time, for a worker, or for its next try. */
  QUEUED(false),
  /** A worker has claimed it. If the lease runs out, another one may. */
  RUNNING(false),
  /** It was answered. */
  DONE(true),
  /** It has an answer that another try would not change, such as a 400. */
  FAILED(true),
  /** All tries failed. */
  DEAD(true),
  /** Its caller gave it up. */
  CANCELLED(true);

  private final boolean over;

  JobState(boolean over) {
    this.over = over;
  }

  /** Whether it is over: nothing changes a job in such a state but {@link JobStore#revive}. */
  public boolean over() {
    return over;
  }

  /** As JSON has it: lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
