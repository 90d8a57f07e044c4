package dev.forebay.metrics;

import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import dev.forebay.spi.state.AccountFigures;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.PoolState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The figures of a gateway under their exported names. */
final class Families {

  /** Parts of which a gateway has one, so that their name tells nothing. */
  private static final Set<String> SINGLE =
      Set.of("gateway", "http", "extra-work", "plugin", "memory", "metrics");

  /** Labels that mean something else to Prometheus, or are added here. */
  private static final Set<String> TAKEN = Set.of("part", "le", "quantile", "job", "instance");

  private final Family.Builder families;

  Families(Family.Builder families) {
    this.families = families;
  }

  /** Adds all figures of a gateway. From any thread. */
  void add(GatewayState state) {
    families.gauge("forebay_ready", "1 if a backend can take requests.", Map.of(), state.ready());
    state.pools().forEach(this::pool);
    add(state.metrics());
  }

  private void add(Snapshot snapshot) {
    snapshot.counters().forEach((series, count) -> add(series, true, count));
    snapshot.gauges().forEach((series, value) -> add(series, false, value));
    snapshot
        .histograms()
        .forEach(
            (series, distribution) -> {
              Exported exported = exported(series).getFirst();
              families.histogram(exported.name, exported.help, exported.labels, distribution);
            });
  }

  private void add(Series series, boolean counter, double value) {
    for (Exported exported : exported(series)) {
      double scaled = value * exported.scale;
      if (counter) {
        families.counter(exported.name, exported.help, exported.labels, scaled);
      } else {
        families.gauge(exported.name, exported.help, exported.labels, scaled);
      }
    }
  }

  /** A figure as it is exported. */
  private record Exported(String name, String help, double scale, Map<String, String> labels) {}

  private static List<Exported> exported(Series series) {
    String kind = kind(series.part());
    List<StableName> names = StableName.of(kind, series.name());
    if (names.isEmpty()) {
      String name = "forebay_" + kind.replace('-', '_') + "_" + series.name();
      String help = series.name() + " of the plugin " + kind + ".";
      return List.of(new Exported(name, help, 1, labels(series, kind, Map.of(), Set.of())));
    }
    return names.stream()
        .map(
            stable ->
                new Exported(
                    "forebay_" + stable.name(),
                    stable.help(),
                    stable.scale(),
                    labels(series, kind, stable.added(), stable.dropped())))
        .toList();
  }

  private static Map<String, String> labels(
      Series series, String kind, Map<String, String> added, Set<String> dropped) {
    Map<String, String> labels = new LinkedHashMap<>();
    if (!SINGLE.contains(kind)) {
      labels.put("part", series.part());
    }
    series
        .labels()
        .forEach(
            (name, value) -> {
              if (!dropped.contains(name)) {
                labels.put(TAKEN.contains(name) ? "own_" + name : name, value);
              }
            });
    labels.putAll(added);
    return labels;
  }

  /** The plugin that tells it: of {@code chat/admit-2} it is {@code admit}. */
  private static String kind(String part) {
    String last = part.substring(part.lastIndexOf('/') + 1);
    int hyphen = last.lastIndexOf('-');
    boolean numbered =
        hyphen > 0 && last.substring(hyphen + 1).chars().allMatch(Character::isDigit);
    return numbered ? last.substring(0, hyphen) : last;
  }

  private void pool(String name, PoolState state) {
    Map<String, String> pool = Map.of("pool", name);
    families.gauge("forebay_pool_in_flight", "Calls under way in a pool.", pool, state.inFlight());
    families.gauge(
        "forebay_pool_panic", "1 if cooldowns of a pool are ignored.", pool, state.panic());
    for (EndpointFigures.State each : EndpointFigures.State.values()) {
      long count = state.endpoints().stream().filter(one -> one.state() == each).count();
      families.gauge(
          "forebay_pool_endpoints",
          "Endpoints of a pool, by state; cooling and half-open are circuits that are open.",
          Map.of("pool", name, "state", each.name().toLowerCase(Locale.ROOT)),
          count);
    }
    state.endpoints().forEach(endpoint -> endpoint(name, endpoint));
    state.accounts().forEach(account -> account(name, account));
  }

  private void endpoint(String pool, EndpointFigures endpoint) {
    Map<String, String> labels = Map.of("pool", pool, "endpoint", endpoint.id());
    families.gauge(
        "forebay_endpoint_up",
        "1 if an endpoint may be given requests.",
        labels,
        endpoint.state() == EndpointFigures.State.UP);
    families.gauge("forebay_endpoint_in_flight", "Calls under way.", labels, endpoint.inFlight());
    families.gauge(
        "forebay_endpoint_error_ratio",
        "Decaying share of failures, 0 to 1.",
        labels,
        endpoint.errorRate());
    families.gauge(
        "forebay_endpoint_first_content_seconds",
        "Smoothed time to the first content.",
        labels,
        endpoint.firstContentMillis() / 1e3);
    families.counter(
        "forebay_endpoint_calls", "Calls to an endpoint.", labels, endpoint.dispatched());
  }

  private void account(String pool, AccountFigures account) {
    Map<String, String> labels = Map.of("pool", pool, "account", account.account());
    families.gauge(
        "forebay_account_out",
        "1 if an account has no balance or its key is wrong.",
        labels,
        account.state() == AccountFigures.State.OUT);
    if (account.limit() != null) {
      families.gauge(
          "forebay_account_limit", "Calls that it takes at once.", labels, account.limit());
    }
    if (account.inFlight() != null) {
      families.gauge("forebay_account_in_flight", "Calls under way.", labels, account.inFlight());
    }
  }
}
