package dev.forebay.livepage;

import dev.forebay.livepage.Monitor.Sample;
import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.state.AdmissionState;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.PoolState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a sample, in the order of a row. Rates are those since the sample before, a second
 * earlier; percentiles those of the last ten seconds, in milliseconds.
 */
enum Figure {
  /** Requests a second that were answered; the next ones as {@link Ending} says. */
  ANSWERED(ended(Ending.ANSWERED)),
  CALLER_FAULT(ended(Ending.CALLER_FAULT)),
  OVER_LIMIT(ended(Ending.OVER_LIMIT)),
  NO_CAPACITY(ended(Ending.NO_CAPACITY)),
  UPSTREAM_FAILED(ended(Ending.UPSTREAM_FAILED)),
  TIMED_OUT(ended(Ending.TIMED_OUT)),
  GATEWAY_FAILED(ended(Ending.GATEWAY_FAILED)),
  LEFT(ended(Ending.LEFT)),
  /** Requests under way in the gateway. */
  OPEN(sample -> sample.state().open()),
  /** Requests that wait in queues. */
  QUEUED(admission(AdmissionState::queued)),
  /** Requests that may run at once, of all stages {@code admit}; null without one. */
  LIMIT(sample -> limit(sample.state())),
  /** Requests under way on endpoints. */
  IN_FLIGHT(sample -> inFlight(sample.state())),
  /** Time of complete answers. */
  LATENCY_P50(percentile(Totals::latency, 0.5)),
  LATENCY_P99(percentile(Totals::latency, 0.99)),
  /** Time to the first content of complete answers. */
  FIRST_P50(percentile(Totals::firstContent, 0.5)),
  FIRST_P99(percentile(Totals::firstContent, 0.99)),
  /** Time in queues. */
  WAIT_P99(percentile(Totals::waits, 0.99)),
  /** Requests a second that a cache answered, shared calls included. */
  CACHE_HITS(counted(StageCounts.Kind.CACHE, "hits", "joins", "stale")),
  /** Requests a second that a cache had no answer to. */
  CACHE_MISSES(counted(StageCounts.Kind.CACHE, "misses")),
  RETRIES(counted(StageCounts.Kind.RETRY, "retries")),
  HEDGES(counted(StageCounts.Kind.HEDGE, "sent")),
  FALLBACKS(counted(StageCounts.Kind.FALLBACK, "fallbacks")),
  /** Endpoints that may be given requests. */
  UP(sample -> up(sample.state())),
  /** All endpoints. */
  ENDPOINTS(sample -> endpoints(sample.state()));

  private static final double CENTS = 100;

  @SuppressWarnings("ImmutableEnumChecker") // the functions keep nothing
  private final ToDoubleFunction<Sample> value;

  Figure(ToDoubleFunction<Sample> value) {
    this.value = value;
  }

  /** The names of a row's figures: its time first, in milliseconds since 1970 UTC. */
  static List<String> names() {
    List<String> names = new ArrayList<>();
    names.add("at");
    for (Figure figure : values()) {
      names.add(figure.name().toLowerCase(Locale.ROOT));
    }
    return names;
  }

  /** A row as JSON: null for what there is no figure of. */
  static String row(long epochMillis, Sample sample) {
    StringBuilder text = new StringBuilder("[").append(epochMillis);
    for (Figure figure : values()) {
      text.append(',').append(text(figure.of(sample)));
    }
    return text.append(']').toString();
  }

  /** The figure of a sample; NaN if there is none. */
  double of(Sample sample) {
    return value.applyAsDouble(sample);
  }

  /** With two digits after the point, which are left out if they are 0. */
  private static String text(double figure) {
    if (!Double.isFinite(figure)) {
      return "null";
    }
    double rounded = Math.round(figure * CENTS) / CENTS;
    return rounded == Math.rint(rounded) ? Long.toString((long) rounded) : Double.toString(rounded);
  }

  private static ToDoubleFunction<Sample> ended(Ending ending) {
    return sample ->
        sample.now().since(sample.before(), ending) / sample.now().seconds(sample.before());
  }

  private static ToDoubleFunction<Sample> counted(StageCounts.Kind kind, String... counters) {
    return sample -> {
      long sum = 0;
      for (String counter : counters) {
        sum += sample.now().since(sample.before(), kind, counter);
      }
      return sum / sample.now().seconds(sample.before());
    };
  }

  private static ToDoubleFunction<Sample> percentile(
      Function<Totals, @Nullable Distribution> distribution, double share) {
    return sample ->
        Spread.millis(distribution.apply(sample.now()), distribution.apply(sample.recent()), share);
  }

  private static ToDoubleFunction<Sample> admission(ToIntFunction<AdmissionState> figure) {
    return sample ->
        sample.state().parts().values().stream()
            .filter(AdmissionState.class::isInstance)
            .map(AdmissionState.class::cast)
            .mapToInt(figure)
            .sum();
  }

  private static double limit(GatewayState state) {
    double sum = Double.NaN;
    for (Object part : state.parts().values()) {
      if (part instanceof AdmissionState admission && admission.limit() >= 0) {
        sum = (Double.isNaN(sum) ? 0 : sum) + admission.limit();
      }
    }
    return sum;
  }

  private static double inFlight(GatewayState state) {
    return state.pools().values().stream().mapToInt(PoolState::inFlight).sum();
  }

  private static double endpoints(GatewayState state) {
    return state.pools().values().stream().mapToInt(pool -> pool.endpoints().size()).sum();
  }

  private static double up(GatewayState state) {
    return state.pools().values().stream()
        .flatMap(pool -> pool.endpoints().stream())
        .filter(endpoint -> endpoint.state() == EndpointFigures.State.UP)
        .count();
  }
}
