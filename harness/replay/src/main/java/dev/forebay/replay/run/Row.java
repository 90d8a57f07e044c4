package dev.forebay.replay.run;

import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one combination made of one scenario under one seed: the same columns for every combination.
 * requests = ok + the sum of wrong + failed + cancelled + the sum of rejected + those deferred.
 *
 * @param combination name of the combination
 * @param seed seed of all chance
 * @param traffic fingerprint of the requests offered: the same under each combination
 * @param requests requests offered
 * @param ok answered completely and correctly, within the caller's patience
 * @param answerable how many any gateway could have answered at most ({@link Bound}); null if a
 *     backend is not simulated
 * @param wrong answered falsely, by reason; must be empty
 * @param failed neither answered nor rejected
 * @param cancelled taken back by callers of their own accord; one that loses patience was failed
 * @param rejected refused by the gateway, by reason
 * @param needless how many of those a server had room for: at that moment it was up, nobody waited
 *     there, a slot was free, and it would have answered within the caller's patience
 * @param failures the failed ones, by reason
 * @param deferred what became of those that were answered by jobs
 * @param latencies how long requests took
 * @param benchmark the figures of vLLM's benchmark, by its definitions
 * @param goodput answered requests that kept the scenario's objective, per second from the first
 *     arrival to the last end
 * @param cacheHitRate share of requests that were answered from a cache or joined another's call
 * @param groups what became of the requests of each tenant and of each priority
 * @param advice how true the gateway's {@code Retry-After} was
 * @param spent what it took of the fleet
 * @param byBackend requests sent, by backend
 * @param plugin counters of all stages and plugins
 * @param histograms those of all stages and plugins
 * @param course how it went over time
 * @param events content chunks that reached callers
 * @param digest fingerprint of every event of the run
 */
public record Row(
    String combination,
    long seed,
    String traffic,
    long requests,
    long ok,
    @Nullable Double answerable,
    SortedMap<String, Long> wrong,
    long failed,
    long cancelled,
    SortedMap<String, Long> rejected,
    long needless,
    SortedMap<String, Long> failures,
    Deferred deferred,
    Latencies latencies,
    BenchmarkFigures benchmark,
    double goodput,
    double cacheHitRate,
    Groups groups,
    Advice advice,
    Spent spent,
    Map<String, Long> byBackend,
    SortedMap<String, Long> plugin,
    SortedMap<String, dev.forebay.spi.metrics.Distribution> histograms,
    Course course,
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

  /** The most that {@link #answeredOfOffered} could be; 1 if it is not known. */
  public double answerableOfOffered() {
    Double most = answerable;
    return most == null || requests == 0 ? 1 : Math.min(1, most / requests);
  }

  /** Requests rejected, for whatever reason. */
  public long rejections() {
    return sum(rejected);
  }

  /** Requests answered falsely, for whatever reason. */
  public long wrongs() {
    return sum(wrong);
  }

  /** Jain's index of the tenants' answered shares; 0 if nobody was answered. */
  public double fairness() {
    return Fairness.ofShares(groups.tenants().values());
  }

  /** Jain's index of what tenants got of their max-min fair shares; 0 if nobody was answered. */
  public double maxMinFairness() {
    return Fairness.ofMaxMin(groups.tenants().values());
  }

  /** By tenant, what became of its requests. */
  public SortedMap<String, Served> byTenant() {
    return groups.tenants();
  }

  /** By priority, 0 the most urgent, what became of its requests. */
  public SortedMap<Integer, Served> byPriority() {
    return groups.priorities();
  }

  /** Tokens that the requests which limits admitted were expected to use, over all stages. */
  public long tokensReserved() {
    return counted("expected_tokens");
  }

  /** Those of them that were not used. */
  public long tokensUnused() {
    return counted("unused_tokens");
  }

  /** How often an autoscaler changed its direction soon after the last change. */
  public long turns() {
    return plugin.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("scaling.turns"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private long counted(String counter) {
    return plugin.entrySet().stream()
        .filter(entry -> entry.getKey().endsWith('.' + counter))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** From arrival to the end of the answer, of answered requests. */
  public Distribution latency() {
    return latencies.answered();
  }

  /** From arrival to the first content, of answered requests. */
  public Distribution firstToken() {
    return latencies.firstContent();
  }

  /** Between contents of one answer. */
  public Distribution interToken() {
    return latencies.betweenContents();
  }

  /** Of all tokens that backends worked on, in US dollars. */
  public double cost() {
    return spent.cost();
  }

  /** What hits would have cost, in US dollars. */
  public double costSaved() {
    return spent.costSaved();
  }

  /** Share of all slots that were occupied, 0 to 1. */
  public double utilisation() {
    return spent.slots();
  }

  private static long sum(SortedMap<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
