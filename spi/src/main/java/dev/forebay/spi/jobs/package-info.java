/**
 * Jobs: inference requests that are answered later. A {@link dev.forebay.spi.jobs.JobStore} is the
 * authority on what is true of a job, a {@link dev.forebay.spi.jobs.JobQueue} tells workers what to
 * look at.
 *
 * <p><b>The store decides, the queue reminds.</b> An entry of a queue carries the id of a job and
 * no state. A worker that is given an entry {@linkplain dev.forebay.spi.jobs.JobStore#claim claims}
 * the job from the store, and does what the store says. So an entry that is delivered twice, late,
 * or for a job that is over, is harmless: the claim is refused, and the entry is settled.
 *
 * <p><b>A job is accepted when both have it</b>, in this order: {@link
 * dev.forebay.spi.jobs.JobStore#create create}, {@link dev.forebay.spi.jobs.JobQueue#enqueue
 * enqueue}, then {@link dev.forebay.spi.jobs.JobStore#enqueued enqueued}. If a gateway dies between
 * the first two, the job is in the store alone: its check time passes, {@link
 * dev.forebay.spi.jobs.JobStore#overdue overdue} gives it to some gateway, and that one enqueues
 * it. If it dies before the third, the job is enqueued twice, which is harmless. At an end the
 * order is the same: first the store is told, with the epoch, then the entry is settled. If a
 * worker dies between the two, the entry is delivered again, and the claim says how the job ended.
 *
 * <p><b>Epochs.</b> Each claim raises the job's epoch by one; a cancellation does, too. What a
 * worker writes names the epoch of its claim, and is refused if that is no longer the job's. So a
 * worker that was taken for dead cannot overwrite anything when it comes back.
 */
@NullMarked
package dev.forebay.spi.jobs;

import org.jspecify.annotations.NullMarked;
