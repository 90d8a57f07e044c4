package dev.forebay.replay.run;

import dev.forebay.simulation.ServerEffects;
import dev.forebay.simulation.ServerParameters;

/**
 * How fast a simulated server is at its best: in batches that are always full, without a fault. No
 * order of requests makes it faster, so what it needs for some work at this pace is the least that
 * it needs. This is the one place that knows how long a step of {@code SimulatedServer} takes.
 *
 * <p>A step with p seconds of prefill and d seconds of decoding takes the longer of them and {@code
 * 1 - overlap} of the shorter one. That is at least p + (1 - overlap) d, and at least (1 - overlap)
 * p + d. So is the sum over all steps, and both are sums over requests: either can be charged.
 *
 * @param server what it can do
 */
record Pace(ServerParameters server) {

  /** What limits a server: which of two sums is charged, and what decoding requests share. */
  record Limit(boolean byPrefill, boolean byMemory) {}

  /** The limit that charges requests of a size the most. */
  Limit limit(double prefillTokens, double steps, double context) {
    boolean byMemory = context * server.slots() > server.kvTokens();
    double decode = decodeSeconds(byMemory, steps, context);
    return new Limit(prefillSeconds(prefillTokens) > decode, byMemory);
  }

  /**
   * The least seconds of the server that a request takes.
   *
   * @param prefillTokens of its prompt that must be computed
   * @param steps of decoding
   * @param context tokens that it holds, in the mean of its steps
   */
  double seconds(Limit limit, double prefillTokens, double steps, double context) {
    double prefill = prefillSeconds(prefillTokens);
    double decode = decodeSeconds(limit.byMemory(), steps, context);
    double shown = 1 - server.effects().overlap();
    return limit.byPrefill() ? prefill + shown * decode : shown * prefill + decode;
  }

  /** The least seconds from start to end of a request that has the server for itself. */
  double aloneSeconds(double prefillTokens, double steps, double context) {
    return prefillSeconds(prefillTokens)
        + steps
            * (server.decodeStepMillis() / 1000
                + server.decodeStepMillisPerRequest() / 1000
                + contextSeconds(context));
  }

  /** A time that no step is longer than, in seconds: a full batch beside a full part of prefill. */
  double longestStepSeconds() {
    ServerEffects effects = server.effects();
    double prefill = effects.prefillWork(server.kvTokens(), server.prefillTokensPerStep());
    return prefill / server.prefillTokensPerSecond()
        + (server.decodeStepMillis() + server.decodeStepMillisPerRequest() * server.slots()) / 1000
        + contextSeconds(server.kvTokens());
  }

  private double prefillSeconds(double tokens) {
    return server.effects().prefillWork(0, tokens) / server.prefillTokensPerSecond();
  }

  /**
   * Each step is one of a request. At most {@code slots} requests share the time of a step, and
   * their contexts are no more than {@code kvTokens} together: each has at least its share of the
   * time that a step takes anyway.
   */
  private double decodeSeconds(boolean byMemory, double steps, double context) {
    double share = byMemory ? context / server.kvTokens() : 1.0 / server.slots();
    double millis = server.decodeStepMillis() * share + server.decodeStepMillisPerRequest();
    return steps * (millis / 1000 + contextSeconds(context));
  }

  private double contextSeconds(double tokens) {
    return server.effects().decodeNanosPerContextToken() * tokens / 1e9;
  }
}
