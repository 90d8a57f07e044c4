package dev.forebay.replay.run;

import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.ServerStats;

/**
 * How fast a simulated server is at its best: in batches that are always full, without a fault. No
 * order of requests makes it faster, so what it needs for some work at this pace is the least that
 * it needs. This is the one place that knows how long a step of {@code SimulatedServer} takes.
 *
 * @param server what it can do
 */
record Pace(ServerParameters server) {

  /** The least seconds in which it computes tokens of prompts. */
  double prefillSeconds(double tokens) {
    return tokens / server.prefillTokensPerSecond();
  }

  /**
   * The least seconds of the server that steps of decoding take: each is a step of one request, and
   * at most {@code slots} requests share the time of a step.
   */
  double decodeSeconds(double steps) {
    return steps
        * (server.decodeStepMillis() / server.slots() + server.decodeStepMillisPerRequest())
        / 1000;
  }

  /**
   * The least seconds of the server that steps of decoding take by the memory that they hold: the
   * contexts in a step are no more than {@code kvTokens} together, so each has at least its share
   * of the time that a step takes anyway.
   *
   * @param context tokens that the request holds, in the mean of its steps
   */
  double decodeSecondsByMemory(double steps, double context) {
    return steps
        * (server.decodeStepMillis() * context / server.kvTokens()
            + server.decodeStepMillisPerRequest())
        / 1000;
  }

  /** The least seconds from start to end of a request that has the server for itself. */
  double aloneSeconds(double prefillTokens, double steps) {
    return prefillSeconds(prefillTokens)
        + steps * (server.decodeStepMillis() + server.decodeStepMillisPerRequest()) / 1000;
  }

  /** The longest step, in seconds: a full batch beside a full part of prefill. */
  double longestStepSeconds() {
    return prefillSeconds(server.prefillTokensPerStep())
        + (server.decodeStepMillis() + server.decodeStepMillisPerRequest() * server.slots()) / 1000;
  }

  /**
   * The least seconds of what a server has done. The first token of an answer comes with its
   * prefill.
   */
  double seconds(ServerStats done) {
    return prefillSeconds(done.prefilledTokens())
        + decodeSeconds(Math.max(0, done.decodedTokens() - done.finished()));
  }
}
