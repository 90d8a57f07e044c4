package dev.forebay.simulation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Simulated servers that several gateways of one run have in common: a backend {@code simulated} of
 * the same id is the same server in all of them. Lent to plugins if there are several gateways.
 */
public final class SharedServers {

  private final Map<String, SimulatedServer> servers = new LinkedHashMap<>();

  /** None yet. */
  public SharedServers() {}

  /** The server of an id; the first that asks makes it. */
  SimulatedServer of(String id, Supplier<SimulatedServer> maker) {
    return servers.computeIfAbsent(id, absent -> maker.get());
  }
}
