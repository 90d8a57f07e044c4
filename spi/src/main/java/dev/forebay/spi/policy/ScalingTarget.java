package dev.forebay.spi.policy;

import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Named;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What starts and stops the members of a pool: a Deployment of Kubernetes, processes of this
 * machine. It changes the number only; the members themselves come and go by the pool's {@link
 * EndpointSource}. Its methods are called on the gateway's timeline, one at a time, and its futures
 * complete there, within a bounded time.
 *
 * <p>While it cannot be asked, nothing changes (fail static).
 */
@Named("scaling target")
public interface ScalingTarget extends Lifecycle {

  /** Asks how many members it keeps, and what they use. */
  Future<Observed> observe();

  /**
   * Orders members, or lets some go.
   *
   * @param replicas how many it is to keep from now on, at least 0
   * @param leaving ids of members that have been drained: these are to go, as far as the target can
   *     choose
   * @return completes when the order was taken, not when the members are there; fails if it was not
   */
  Future<Void> scale(int replicas, List<String> leaving);

  /** Whether it only shows what should be: then nothing is drained or ordered. */
  default boolean advisory() {
    return false;
  }

  /**
   * What a target says of itself.
   *
   * @param replicas how many members it keeps, those that start included; null if it does not know,
   *     then it is those that the pool has
   * @param usage of those members of which it knows any
   */
  record Observed(@Nullable Integer replicas, List<Usage> usage) {

    /** Copies. */
    public Observed {
      usage = List.copyOf(usage);
    }
  }

  /**
   * What a member uses.
   *
   * @param id of the member in its pool
   * @param cpu used share of the CPU that it may use, 1 for all; null if it is not known
   * @param memory used share of its memory; null if it is not known
   */
  record Usage(String id, PoolLoad.@Nullable Figure cpu, PoolLoad.@Nullable Figure memory) {}
}
