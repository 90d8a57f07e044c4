package dev.forebay.spi.jobs;

import java.util.List;

/**
 * Events of a job, and whether more can come.
 *
 * @param events in order, without a gap
 * @param job as it was when they were read: if it is over and {@link Job#events} is the number of
 *     the last one here, there is no more
 */
public record JobEvents(List<JobEvent> events, Job job) {

  /** Copies. */
  public JobEvents {
    events = List.copyOf(events);
  }
}
