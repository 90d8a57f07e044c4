package dev.forebay.livepage;

import dev.forebay.spi.Status;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.EndpointFigures.State;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.PartState;
import dev.forebay.spi.state.PoolState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** States of a gateway with one pool, as tests need them. */
final class States {

  private States() {}

  static EndpointFigures endpoint(String id, State state) {
    String why = state == State.UP ? null : "refused";
    return new EndpointFigures(
        id,
        "static",
        id,
        0,
        1,
        null,
        state,
        why,
        "2026-11-30T02:00:00Z",
        null,
        null,
        1,
        10,
        20,
        0.5,
        100,
        99,
        null,
        null);
  }

  /** Endpoints that are up, and some that are down, which come last. */
  static List<EndpointFigures> endpoints(int up, int down) {
    List<EndpointFigures> all = new ArrayList<>();
    for (int i = 0; i < up + down; i++) {
      all.add(endpoint("e" + i, i < up ? State.UP : State.DOWN));
    }
    return all;
  }

  static GatewayState gateway(int up, int down) {
    return gateway(endpoints(up, down), Map.of(), Map.of(), new TreeMap<>());
  }

  static GatewayState gateway(
      List<EndpointFigures> endpoints,
      Map<Status, Long> outcomes,
      Map<String, PartState> parts,
      SortedMap<Series, Long> counters) {
    Map<Status, Long> counts = new EnumMap<>(Status.class);
    for (Status status : Status.values()) {
      counts.put(status, outcomes.getOrDefault(status, 0L));
    }
    PoolState pool = new PoolState(endpoints.size(), false, endpoints, List.of());
    return new GatewayState(
        3,
        true,
        counts,
        Map.of("default", pool),
        parts,
        new Snapshot(counters, new TreeMap<>(), new TreeMap<>()));
  }

  /** A sample, ten seconds after one at which nothing had been counted. */
  static Monitor.Sample sample(GatewayState state) {
    Totals before = Totals.of(gateway(0, 0), 0);
    Totals now = Totals.of(state, 10_000_000_000L);
    return new Monitor.Sample(state, now, before, before, before);
  }
}
