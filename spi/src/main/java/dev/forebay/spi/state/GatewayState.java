package dev.forebay.spi.state;

import dev.forebay.spi.Status;
import dev.forebay.spi.metrics.Snapshot;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of a gateway.
 *
 * @param open requests under way
 * @param ready whether a backend can take requests
 * @param outcomes requests that are over, by how they ended
 * @param pools by the name of the pool
 * @param parts by the name of the part: pools ({@code balance}), their sources ({@code discover}),
 *     admission ({@code admit})
 * @param metrics all figures of stages and plugins
 */
public record GatewayState(
    int open,
    boolean ready,
    Map<Status, Long> outcomes,
    Map<String, PoolState> pools,
    Map<String, PartState> parts,
    Snapshot metrics) {

  /** Copies. */
  public GatewayState {
    outcomes = Collections.unmodifiableMap(new LinkedHashMap<>(outcomes));
    pools = Collections.unmodifiableMap(new LinkedHashMap<>(pools));
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }
}
