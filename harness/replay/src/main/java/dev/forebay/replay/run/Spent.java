package dev.forebay.replay.run;

/**
 * What a run took of the fleet, from the first arrival to the last end.
 *
 * @param cost of all tokens that backends worked on, wasted ones included, in US dollars
 * @param costSaved what the answers from a cache, or of another's call, would have cost, in US
 *     dollars, with nothing of their prompts cached upstream
 * @param slots share of all slots of the servers that were occupied, 0 to 1
 * @param work share of what the servers could have computed in full batches, 0 to 1; see {@link
 *     Pace}
 * @param replicaHours hours for which servers were members of the pools, all together; of those
 *     that an autoscaler starts, hours from the order on
 * @param replicaCost of those hours, in US dollars
 * @param throttled requests that servers refused with 429
 */
public record Spent(
    double cost,
    double costSaved,
    double slots,
    double work,
    double replicaHours,
    double replicaCost,
    long throttled) {

  /** Nothing. */
  static final Spent NOTHING = new Spent(0, 0, 0, 0, 0, 0, 0);
}
