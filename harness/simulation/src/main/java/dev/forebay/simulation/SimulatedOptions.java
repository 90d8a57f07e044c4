package dev.forebay.simulation;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Range;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Options of the backend {@code simulated}. */
@Doc("A simulated inference server in the gateway's own process, for trials and tests.")
public record SimulatedOptions(
    @Doc("Id in the pool; without it, the plugin's name.") @Nullable String id,
    @Doc("Account whose limits it shares; without it, one of its own.") @Nullable String account,
    @Default("[]") @Doc("Models that it offers; empty for any.") List<String> models,
    @Default("0s")
        @Range(min = 0, max = 3600)
        @Doc("What the network adds to the time of each answer.")
        Duration roundTrip,
    @Default("{}") @Doc("What the server can do.") ServerParameters server,
    @Default("[]") @Doc("What goes wrong with it.") List<Fault> faults) {

  /** Checks and copies. */
  public SimulatedOptions {
    models = List.copyOf(models);
    faults = List.copyOf(faults);
    if (roundTrip.isNegative()) {
      throw new IllegalArgumentException("roundTrip: " + roundTrip + " (expected: >= 0s)");
    }
  }
}
