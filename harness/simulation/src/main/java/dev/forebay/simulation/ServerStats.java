package dev.forebay.simulation;

/**
 * What a simulated server has done so far, and has under way. submitted = refused + finished +
 * failed + cancelled + waiting + running.
 *
 * @param submitted requests that were sent to it
 * @param refused requests that it did not take
 * @param throttled those of them that it refused with 429
 * @param finished requests that it answered completely
 * @param failed requests that it took and did not answer completely
 * @param cancelled requests that their callers gave up
 * @param waiting requests in the line now
 * @param running requests in the batch now
 * @param kvTokens memory in use now, in tokens
 * @param busyNanos time during which it computed, in nanoseconds
 * @param busySlotNanos that time, times the requests in the batch, in slot-nanoseconds
 * @param workNanos how long its work would have taken in a batch that is always full, in
 *     nanoseconds; at most busyNanos
 * @param atNanos when this was, on the server's timeline
 * @param kvCapacity memory for keys and values, in tokens
 * @param prefilledTokens prompt tokens that it computed, again after preemptions
 * @param cachedTokens prompt tokens that its prefix cache had
 * @param decodedTokens answer tokens that it made
 * @param preemptions requests that lost their memory to others and were put back into the line
 * @param crashes how often it went down
 */
public record ServerStats(
    long submitted,
    long refused,
    long throttled,
    long finished,
    long failed,
    long cancelled,
    int waiting,
    int running,
    long kvTokens,
    long busyNanos,
    long busySlotNanos,
    long workNanos,
    long atNanos,
    long kvCapacity,
    long prefilledTokens,
    long cachedTokens,
    long decodedTokens,
    long preemptions,
    long crashes) {

  /** Whether every request has ended, and every ending is counted once. */
  public boolean settled() {
    return waiting == 0
        && running == 0
        && kvTokens == 0
        && submitted == refused + finished + failed + cancelled;
  }

  /**
   * The CPU signal of a server: the share of its best speed that it used since an earlier look, 0
   * (idle) to 1 (full batches all the time). An autoscaler reads it like the mean CPU utilisation
   * between two samples of a counter. It grows with the work, unlike the utilisation that a GPU's
   * driver shows: that is the share of time in which anything ran, and near 1 for a batch of one.
   *
   * @param earlier of the same server
   * @return 0 if no time has passed
   */
  public double cpuSince(ServerStats earlier) {
    long nanos = atNanos - earlier.atNanos;
    return nanos <= 0 ? 0 : Math.min(1, (double) (workNanos - earlier.workNanos) / nanos);
  }

  /**
   * The memory signal of a server: the share of its memory for keys and values that running
   * requests hold now, 0 to 1, as {@code vllm:kv_cache_usage_perc} says. Blocks that only the
   * prefix cache has are free.
   */
  public double memory() {
    return (double) kvTokens / kvCapacity;
  }
}
