package dev.forebay.spi.jobs;

/**
 * The right of one worker to write to a job, until another claim or a cancellation.
 *
 * @param id of the job
 * @param owner the worker: a name that is random for each start of a process
 * @param epoch of the claim
 */
public record JobLease(String id, String owner, long epoch) {}
