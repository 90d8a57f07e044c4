package dev.forebay.replay.trace;

import dev.forebay.spi.PrefixHashes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Figures that describe a trace.
 *
 * @param requests how many
 * @param spanSeconds from the first arrival to the last, as recorded
 * @param meanRate requests per second over the span; infinite where it is 0
 * @param arrivals burstiness as replayed
 * @param recorded burstiness as recorded, where the reader spread the arrivals; else null
 * @param promptTokens lengths of prompts
 * @param outputTokens lengths of answers
 * @param prefixes repeated prefixes; null where the trace carries none
 * @param exactRepeats share of requests whose exact prompt came before; NaN where not known
 * @param tenants how the requests are shared out; null where the trace carries none
 * @param sessions conversations; null where the trace carries none
 */
public record TraceStatistics(
    int requests,
    double spanSeconds,
    double meanRate,
    Burstiness arrivals,
    @Nullable Burstiness recorded,
    Lengths promptTokens,
    Lengths outputTokens,
    @Nullable Prefixes prefixes,
    double exactRepeats,
    @Nullable Tenants tenants,
    @Nullable Sessions sessions) {

  /** Describes a trace. */
  public static TraceStatistics of(Trace trace) {
    List<TraceRequest> requests = trace.requests();
    Set<Carries> carries = trace.carries();
    long[] arrivals = requests.stream().mapToLong(TraceRequest::arrivalNanos).toArray();
    long[] recorded = trace.recordedNanos().stream().mapToLong(n -> n).toArray();
    long[] span = recorded.length > 0 ? recorded : arrivals;
    double seconds = (span[span.length - 1] - span[0]) / 1e9;
    return new TraceStatistics(
        requests.size(),
        seconds,
        requests.size() / seconds,
        Burstiness.of(arrivals),
        recorded.length > 0 ? Burstiness.of(recorded) : null,
        Lengths.of(requests.stream().mapToInt(TraceRequest::promptTokens).toArray()),
        Lengths.of(requests.stream().mapToInt(TraceRequest::outputTokens).toArray()),
        carries.contains(Carries.PREFIX) ? Prefixes.of(requests, trace.blockTokens()) : null,
        carries.contains(Carries.PROMPT_IDENTITY) ? repeats(requests) : Double.NaN,
        carries.contains(Carries.TENANT) ? Tenants.of(requests) : null,
        carries.contains(Carries.SESSION) ? Sessions.of(requests) : null);
  }

  private static double repeats(List<TraceRequest> requests) {
    Set<Long> seen = new HashSet<>();
    int repeats = 0;
    for (TraceRequest request : requests) {
      boolean known = request.promptId() != TraceRequest.UNKNOWN_PROMPT;
      repeats += known && !seen.add(request.promptId()) ? 1 : 0;
    }
    return (double) repeats / requests.size();
  }

  /**
   * How unevenly requests arrive.
   *
   * @param cv coefficient of variation of the inter-arrival times; 1 for Poisson arrivals; NaN if
   *     all requests arrive at once
   * @param perSecond variance ÷ mean of the counts in windows of 1 s from the first arrival, the
   *     last one included though it may be cut; 1 for Poisson arrivals; NaN with fewer than two
   *     windows
   * @param per10Seconds likewise in windows of 10 s
   * @param perMinute likewise in windows of 60 s
   */
  public record Burstiness(double cv, double perSecond, double per10Seconds, double perMinute) {

    static Burstiness of(long[] sortedNanos) {
      return new Burstiness(
          cv(sortedNanos),
          dispersion(sortedNanos, 1),
          dispersion(sortedNanos, 10),
          dispersion(sortedNanos, 60));
    }

    private static double cv(long[] nanos) {
      int gaps = nanos.length - 1;
      double mean = (double) (nanos[gaps] - nanos[0]) / gaps;
      double squares = 0;
      for (int i = 1; i < nanos.length; i++) {
        double deviation = nanos[i] - nanos[i - 1] - mean;
        squares += deviation * deviation;
      }
      return Math.sqrt(squares / gaps) / mean;
    }

    /** In one pass over the sorted arrivals: empty windows only count. */
    private static double dispersion(long[] nanos, int seconds) {
      long width = seconds * 1_000_000_000L;
      long windows = (nanos[nanos.length - 1] - nanos[0]) / width + 1;
      if (windows < 2) {
        return Double.NaN; // one count has no variance
      }
      double squares = 0;
      int from = 0;
      while (from < nanos.length) {
        long window = (nanos[from] - nanos[0]) / width;
        int to = from;
        while (to < nanos.length && (nanos[to] - nanos[0]) / width == window) {
          to++;
        }
        squares += (double) (to - from) * (to - from);
        from = to;
      }
      double mean = (double) nanos.length / windows;
      return (squares / windows - mean * mean) / mean;
    }
  }

  /**
   * Numbers of tokens.
   *
   * @param mean arithmetic mean
   * @param p50 median
   * @param p99 99th percentile, interpolated between neighbours
   * @param max greatest
   */
  public record Lengths(double mean, double p50, double p99, int max) {

    static Lengths of(int[] tokens) {
      Arrays.sort(tokens);
      double sum = Arrays.stream(tokens).asLongStream().sum();
      return new Lengths(
          sum / tokens.length,
          percentile(tokens, 0.5),
          percentile(tokens, 0.99),
          tokens[tokens.length - 1]);
    }

    private static double percentile(int[] sorted, double share) {
      double at = share * (sorted.length - 1);
      int below = (int) at;
      int above = Math.min(below + 1, sorted.length - 1);
      return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
  }

  /**
   * What an unbounded prefix cache would find of earlier prompts.
   *
   * @param reusedTokens share of all prompt tokens
   * @param firstBlockShared share of requests that find at least their first block
   * @param twoBlocksShared share of requests that find at least two blocks
   */
  public record Prefixes(double reusedTokens, double firstBlockShared, double twoBlocksShared) {

    static Prefixes of(List<TraceRequest> requests, int blockTokens) {
      Set<Long> cache = new HashSet<>();
      long all = 0;
      long reused = 0;
      int first = 0;
      int two = 0;
      for (TraceRequest request : requests) {
        PrefixHashes prefix = request.prefix();
        int found = 0;
        while (found < prefix.size() && cache.contains(prefix.get(found))) {
          found++;
        }
        for (int i = found; i < prefix.size(); i++) {
          cache.add(prefix.get(i));
        }
        all += request.promptTokens();
        reused += Math.min(request.promptTokens(), (long) found * blockTokens);
        first += found >= 1 ? 1 : 0;
        two += found >= 2 ? 1 : 0;
      }
      double count = requests.size();
      return new Prefixes(all == 0 ? 0 : (double) reused / all, first / count, two / count);
    }
  }

  /**
   * Shares of tenants in the requests.
   *
   * @param count how many tenants
   * @param largest share of the largest
   * @param tenLargest share of the ten largest together
   */
  public record Tenants(int count, double largest, double tenLargest) {

    static Tenants of(List<TraceRequest> requests) {
      Map<String, Integer> counts = new HashMap<>();
      for (TraceRequest request : requests) {
        if (request.tenant() != null) {
          counts.merge(request.tenant(), 1, Integer::sum);
        }
      }
      List<Integer> sorted = new ArrayList<>(counts.values());
      sorted.sort(Comparator.reverseOrder());
      int ten = sorted.stream().limit(10).mapToInt(n -> n).sum();
      double all = requests.size();
      return new Tenants(sorted.size(), sorted.get(0) / all, ten / all);
    }
  }

  /**
   * Conversations.
   *
   * @param count how many
   * @param meanTurns turns per conversation
   * @param requests share of requests that are the second or a later turn
   */
  public record Sessions(int count, double meanTurns, double requests) {

    static Sessions of(List<TraceRequest> requests) {
      Set<String> seen = new HashSet<>();
      int turns = 0;
      for (TraceRequest request : requests) {
        if (request.session() != null) {
          turns++;
          seen.add(request.session());
        }
      }
      int count = seen.size();
      return new Sessions(
          count, (double) turns / count, (double) (turns - count) / requests.size());
    }
  }
}
