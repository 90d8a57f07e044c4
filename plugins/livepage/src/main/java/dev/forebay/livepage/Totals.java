package dev.forebay.livepage;

import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.GatewayState;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What has been counted up to one moment: the difference of two is what happened between them.
 *
 * @param nanos the moment, of the gateway's timeline
 * @param endings requests that are over
 * @param reasons failures by reason
 * @param stages what stages counted, by stage
 * @param dispatched requests that endpoints were given, by pool and id; of 1,000 at most
 * @param latency of complete answers, in seconds; null if it is not measured
 * @param firstContent of complete answers, in seconds; null if it is not measured
 * @param waits in queues, in seconds; null if there is no queue
 */
record Totals(
    long nanos,
    Map<Ending, Long> endings,
    Map<String, Long> reasons,
    Map<String, StageCounts> stages,
    Map<String, Long> dispatched,
    @Nullable Distribution latency,
    @Nullable Distribution firstContent,
    @Nullable Distribution waits) {

  /** The part under which a gateway tells of its requests. */
  private static final String GATEWAY = "gateway";

  /** Reads a state. */
  static Totals of(GatewayState state, long nanos) {
    Snapshot metrics = state.metrics();
    return new Totals(
        nanos,
        endings(state),
        reasons(metrics),
        StageCounts.all(metrics),
        dispatched(state),
        sum(metrics, series -> isOfGateway(series, "latency_seconds")),
        sum(metrics, series -> isOfGateway(series, "first_content_seconds")),
        sum(metrics, series -> series.name().equals("wait_seconds")));
  }

  private static Map<Ending, Long> endings(GatewayState state) {
    Map<Ending, Long> counts = new EnumMap<>(Ending.class);
    for (Ending ending : Ending.values()) {
      counts.put(ending, 0L);
    }
    state.outcomes().forEach((status, count) -> counts.merge(Ending.of(status), count, Long::sum));
    return Collections.unmodifiableMap(counts);
  }

  private static Map<String, Long> reasons(Snapshot metrics) {
    Map<String, Long> counts = new TreeMap<>();
    metrics
        .counters()
        .forEach(
            (series, count) -> {
              String reason = series.labels().get("reason");
              if (reason != null && isOfGateway(series, "errors")) {
                counts.merge(reason, count, Long::sum);
              }
            });
    return counts;
  }

  /** Of so many endpoints as a page may list: first those that are not up, as it lists them. */
  private static Map<String, Long> dispatched(GatewayState state) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (boolean up : new boolean[] {false, true}) {
      state
          .pools()
          .forEach(
              (pool, told) -> {
                for (EndpointFigures each : told.endpoints()) {
                  boolean isUp = each.state() == EndpointFigures.State.UP;
                  if (isUp == up && counts.size() < LivePage.MOST_ENDPOINTS) {
                    counts.put(key(pool, each.id()), each.dispatched());
                  }
                }
              });
    }
    return counts;
  }

  /** The name of an endpoint in a gateway. */
  static String key(String pool, String endpoint) {
    return pool + "/" + endpoint;
  }

  private static boolean isOfGateway(Series series, String name) {
    return series.part().equals(GATEWAY) && series.name().equals(name);
  }

  /** All histograms of a choice together; null if there is none. */
  private static @Nullable Distribution sum(Snapshot metrics, Predicate<Series> chosen) {
    Distribution all = null;
    for (Map.Entry<Series, Distribution> each : metrics.histograms().entrySet()) {
      if (chosen.test(each.getKey())) {
        all = all == null ? each.getValue() : Spread.sum(all, each.getValue());
      }
    }
    return all;
  }

  /** Requests that ended so since an earlier moment. */
  long since(Totals before, Ending ending) {
    return endings.getOrDefault(ending, 0L) - before.endings.getOrDefault(ending, 0L);
  }

  /** What a counter of all stages of a kind counted since an earlier moment. */
  long since(Totals before, StageCounts.Kind kind, String counter) {
    long sum = 0;
    for (Map.Entry<String, StageCounts> each : stages.entrySet()) {
      if (each.getValue().kind() == kind) {
        sum += each.getValue().since(before.stages.get(each.getKey()), counter);
      }
    }
    return sum;
  }

  /** Seconds since an earlier moment; 1 if it is the same, so that nothing is divided by 0. */
  double seconds(Totals before) {
    long passed = nanos - before.nanos;
    return passed <= 0 ? 1 : passed / 1e9;
  }
}
