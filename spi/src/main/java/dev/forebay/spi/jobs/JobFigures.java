package dev.forebay.spi.jobs;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Figures of a store.
 *
 * @param jobs that it has, by state; every state has a number
 * @param oldestDueMillis the earliest due time of those that are {@link JobState#QUEUED}, in
 *     milliseconds since 1970 UTC; 0 if there are none
 */
public record JobFigures(Map<JobState, Long> jobs, long oldestDueMillis) {

  /** Copies, and gives 0 to states that are missing. */
  public JobFigures {
    Map<JobState, Long> all = new EnumMap<>(JobState.class);
    for (JobState state : JobState.values()) {
      all.put(state, jobs.getOrDefault(state, 0L));
    }
    jobs = Collections.unmodifiableMap(all);
  }
}
