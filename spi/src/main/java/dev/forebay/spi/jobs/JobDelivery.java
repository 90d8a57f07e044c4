package dev.forebay.spi.jobs;

import io.vertx.core.Future;

/**
 * An entry that a worker was given, until it is settled by one of {@link #done}, {@link #retryAt}
 * and {@link #reject}. Deliveries are settled in any order. If the future of a settlement fails,
 * the delivery is as before, and is to be settled again; a settlement that is asked for twice is
 * safe. If the worker dies, or the queue takes it for dead, the entry is delivered again.
 */
public interface JobDelivery {

  /** What is to be looked at. */
  JobEntry entry();

  /**
   * The worker is still at it. Queues that would deliver an entry again after a time count that
   * time from now. It need not be called for queues that know by their members.
   */
  default Future<Void> extend() {
    return Future.succeededFuture();
  }

  /** Takes the entry out: the job is over, or is not to be looked at. */
  Future<Void> done();

  /**
   * Delivers the entry again, not before this time. Completes when the later entry is acknowledged.
   *
   * @param dueMillis in milliseconds since 1970 UTC
   */
  Future<Void> retryAt(long dueMillis);

  /**
   * Takes the entry out, and leaves a dead letter. Completes when the dead letter is acknowledged,
   * and not before: as long as none can be written, the entry stays.
   *
   * @param reason one line
   * @param attempts tries of the job
   */
  Future<Void> reject(String reason, int attempts);
}
