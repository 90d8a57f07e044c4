package dev.forebay.replay.run;

import java.util.Map;
import java.util.SortedMap;

/**
 * What one combination made of one scenario under one seed: the same columns for every combination.
 * requests = ok + failed + cancelled + the sum of rejected.
 *
 * @param combination name of the combination
 * @param seed seed of all chance
 * @param requests requests offered
 * @param ok answered completely and correctly, within the caller's patience
 * @param failed neither answered nor rejected
 * @param cancelled taken back by callers of their own accord; one that loses patience was failed
 * @param rejected refused by the gateway, by reason
 * @param failures the failed ones, by reason
 * @param latency from arrival to the end of the answer, of answered requests
 * @param firstToken from arrival to the first content, of answered requests
 * @param interToken between contents of one answer
 * @param goodput answered requests that kept the scenario's objective, per second from the first
 *     arrival to the last end
 * @param cacheHitRate share of requests that were answered from a cache or joined another's call
 * @param cost of all tokens that backends worked on, wasted ones included, in US dollars
 * @param costSaved what the answers from a cache, or of another's call, would have cost, in US
 *     dollars, with nothing of their prompts cached upstream
 * @param fairness Jain's index over the tenants' shares of answered requests, 0 to 1
 * @param utilisation busy share of all slots of the backends in that time, 0 to 1
 * @param byBackend requests sent, by backend
 * @param plugin counters of all stages and plugins
 * @param events content chunks that reached callers
 * @param digest fingerprint of every event of the run
 */
public record Row(
    String combination,
    long seed,
    long requests,
    long ok,
    long failed,
    long cancelled,
    SortedMap<String, Long> rejected,
    SortedMap<String, Long> failures,
    Distribution latency,
    Distribution firstToken,
    Distribution interToken,
    double goodput,
    double cacheHitRate,
    double cost,
    double costSaved,
    double fairness,
    double utilisation,
    Map<String, Long> byBackend,
    SortedMap<String, Long> plugin,
    long events,
    String digest) {

  /** Share of requests answered; a 429 to a caller over its own quota counts on neither side. */
  public double availability() {
    long counted = requests - cancelled - rejected.getOrDefault("rate_limited", 0L);
    return counted == 0 ? 1 : (double) ok / counted;
  }

  /** Share of all requests answered, so that nobody looks available by refusing. */
  public double answeredOfOffered() {
    return requests == 0 ? 1 : (double) ok / requests;
  }

  /** Requests rejected, for whatever reason. */
  public long rejections() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }
}
