package dev.forebay.spi.jobs;

import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Named;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/**
 * Tells workers which jobs to look at, at least once each. Gateways and workers share it. Asked on
 * the gateway's timeline; its futures complete there.
 *
 * <p>What was acknowledged is delivered, again and again, until a worker has settled it, whatever
 * dies in between. It may be delivered more than once, also to several workers, and in any order;
 * of those that wait and are due, the more urgent priority goes first if the queue can tell.
 */
@Named("job queue")
public interface JobQueue extends Lifecycle {

  /**
   * Whether the queue can be used. It is asked after {@link #prepare}, and again if it failed.
   *
   * @return fails if it cannot be used, with what to do
   */
  default Future<Void> ready() {
    return Future.succeededFuture();
  }

  /**
   * Puts an entry in. The future completes when it is kept as safely as the queue can; if it fails,
   * the entry may be there or not.
   */
  Future<Void> enqueue(JobEntry entry);

  /**
   * Entries that are due. At most one call is outstanding for each instance. A worker that has no
   * room does not ask; it keeps its place among the workers all the same, and what it holds is not
   * given to others for that.
   *
   * @param most at most so many, at least 1
   * @param wait how long to wait for the first, 0 to 60 s
   * @return completes as soon as there is one; empty if the wait is over, or the queue is closed
   */
  Future<List<JobDelivery>> poll(int most, Duration wait);

  /** Entries that are not settled, due or not, about; for metrics. -1 if it cannot be told. */
  Future<Long> depth();
}
