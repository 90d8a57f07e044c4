package dev.forebay.simulation;

/**
 * What a simulated server has done so far, and has under way. submitted = refused + finished +
 * failed + cancelled + waiting + running.
 *
 * @param submitted requests that were sent to it
 * @param refused requests that it did not take
 * @param finished requests that it answered completely
 * @param failed requests that it took and did not answer completely
 * @param cancelled requests that their callers gave up
 * @param waiting requests in the line now
 * @param running requests in the batch now
 * @param kvTokens memory in use now, in tokens
 * @param busyNanos time during which it computed, in nanoseconds
 * @param busySlotNanos that time, times the requests in the batch, in slot-nanoseconds
 * @param prefilledTokens prompt tokens that it computed, again after preemptions
 * @param cachedTokens prompt tokens that its prefix cache had
 * @param decodedTokens answer tokens that it made
 * @param preemptions requests that lost their memory to others and were put back into the line
 * @param crashes how often it went down
 */
public record ServerStats(
    long submitted,
    long refused,
    long finished,
    long failed,
    long cancelled,
    int waiting,
    int running,
    long kvTokens,
    long busyNanos,
    long busySlotNanos,
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
}
