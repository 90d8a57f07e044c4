package dev.forebay.spi.jobs;

/**
 * What a queue carries of a job: a reference, never the prompt.
 *
 * @param id of the job
 * @param tenant whose it is: entries of one tenant need not keep their order
 * @param priority 0 is the most urgent, 7 the least
 * @param dueMillis it is not delivered before this time, in milliseconds since 1970 UTC
 */
public record JobEntry(String id, String tenant, int priority, long dueMillis) {

  /** This entry for another time. */
  public JobEntry at(long millis) {
    return new JobEntry(id, tenant, priority, millis);
  }
}
