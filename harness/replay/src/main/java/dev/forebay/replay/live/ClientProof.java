package dev.forebay.replay.live;

import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Locale;

/**
 * What the client says of itself: whether its figures can be believed.
 *
 * @param combination that it drove
 * @param seed of the run
 * @param requests of the trace that it sent
 * @param warmUps requests of the warm-up that it sent before
 * @param lagMillis 99th percentile of the time between the moment at which a request was to be sent
 *     and the one at which it was written, in milliseconds
 * @param medianMillis median of the latency that it measured, in milliseconds; 0 without answers
 * @param processorShare its share of the machine's processors, 0 to 1
 * @param tokensFromUsage whether tokens are counted by the answers' usage, and not by contents
 * @param counted requests that Gatling counted, warm-up included
 * @param timerLagMillis by how much the emulators' timers were late in the mean, in milliseconds:
 *     so much longer each step of a simulated server took; 0 with a real upstream
 */
public record ClientProof(
    String combination,
    long seed,
    long requests,
    long warmUps,
    double lagMillis,
    double medianMillis,
    double processorShare,
    boolean tokensFromUsage,
    long counted,
    double timerLagMillis) {

  private static final double MOST_SHARE = 0.01;

  /** Whether requests were sent so late that the figures are not those of the trace's arrivals. */
  public boolean late() {
    return medianMillis > 0 && lagMillis > MOST_SHARE * medianMillis;
  }

  /** One sentence. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%s, seed %d: sent up to %.2f ms late (p99) at a median of %.1f ms; %.0f %% of the"
            + " processors; timers of the upstream %.2f ms late (mean)",
        combination,
        seed,
        lagMillis,
        medianMillis,
        100 * processorShare,
        timerLagMillis);
  }

  JsonObject json() {
    return new JsonObject()
        .put("combination", combination)
        .put("seed", seed)
        .put("requests", requests)
        .put("warmUps", warmUps)
        .put("gatlingCount", counted)
        .put("sendLagP99Millis", lagMillis)
        .put("medianMillis", medianMillis)
        .put("late", late())
        .put("processorShare", processorShare)
        .put("upstreamTimerLagMillis", timerLagMillis)
        .put("tokensFrom", tokensFromUsage ? "usage" : "contents");
  }

  /** The 99th percentile of durations in nanoseconds, in milliseconds; 0 of none. */
  static double p99Millis(long[] nanos) {
    if (nanos.length == 0) {
      return 0;
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(0.99 * sorted.length) - 1] / 1e6;
  }
}
