package dev.forebay.replay.run;

import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.ServerStats;
import dev.forebay.simulation.SimulatedBackend;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.Backend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The simulated servers of a run, by the id of their backend. It is lent to plugins that are
 * allowed to know the future: the oracles of the harness.
 */
public final class Fleet {

  private final Map<String, SimulatedServer> servers = new LinkedHashMap<>();

  /** Takes the simulated ones of a gateway's backends. */
  void join(List<Backend> backends) {
    for (Backend backend : backends) {
      if (backend instanceof SimulatedBackend simulated) {
        servers.put(simulated.id(), simulated.server());
      }
    }
  }

  /** The server behind an endpoint; null where it is not simulated. */
  public @Nullable SimulatedServer server(String id) {
    return servers.get(id);
  }

  Map<String, SimulatedServer> servers() {
    return servers;
  }

  /** Busy share of all slots over a time, 0 to 1. */
  double utilisation(long nanos) {
    double busy = 0;
    double slots = 0;
    for (SimulatedServer server : servers.values()) {
      busy += server.stats().busySlotNanos();
      slots += (double) server.parameters().slots() * nanos;
    }
    return slots == 0 ? 0 : busy / slots;
  }

  /** Cost of all tokens worked on, in US dollars. */
  double cost(Prices prices) {
    double sum = 0;
    for (SimulatedServer server : servers.values()) {
      ServerStats stats = server.stats();
      sum +=
          stats.prefilledTokens() * prices.prompt()
              + stats.cachedTokens() * prices.cachedPrompt()
              + stats.decodedTokens() * prices.output();
    }
    return sum / 1e6;
  }

  /**
   * Requests per second that servers can do, of requests of a mean size: as many as fit run at a
   * time, each step decodes one token of each, and prefill takes its own time.
   */
  static double capacity(ServerParameters server, double promptTokens, double outputTokens) {
    double fit = server.kvTokens() / Math.max(1, promptTokens + outputTokens / 2);
    double batch = Math.max(1, Math.min(server.slots(), fit));
    double step = server.decodeStepMillis() + server.decodeStepMillisPerRequest() * batch;
    double prefill = promptTokens / server.prefillTokensPerSecond();
    double decode = outputTokens * step / 1000 / batch;
    return 1 / (prefill + decode);
  }
}
