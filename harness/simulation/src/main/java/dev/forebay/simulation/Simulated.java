package dev.forebay.simulation;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.Backend;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The backend {@code simulated}. */
@Doc("A simulated inference server in the gateway's own process, for trials and tests.")
public record Simulated(
    @Doc("Id in the pool; without it, the plugin's name.") @Nullable String id,
    @Doc("Account whose limits it shares; without it, one of its own.") @Nullable String account,
    @Default("[]") @Doc("Models that it offers; empty for any.") List<String> models,
    @Default("0s")
        @Range(min = 0, max = 3600)
        @Doc("What the network adds to the time of each answer.")
        Duration roundTrip,
    @Default("{}") @Doc("What the server can do.") ServerParameters server,
    @Default("[]") @Doc("What goes wrong with it.") List<Fault> faults)
    implements Plugin<Backend> {

  /** Checks and copies. */
  public Simulated {
    models = List.copyOf(models);
    faults = List.copyOf(faults);
    if (roundTrip.isNegative()) {
      throw new IllegalArgumentException("roundTrip: " + roundTrip + " (expected: >= 0s)");
    }
  }

  @Override
  public Backend create(PluginContext context) {
    Optional<AnswerLength> lent = context.resource(AnswerLength.class);
    // Drawn only if it is used, so that a run knows whether its seed makes a difference.
    long seed = lent.isPresent() && faults.isEmpty() ? 0 : context.random().nextLong();
    AnswerLength lengths = lent.orElseGet(() -> AnswerLength.lognormal(seed));
    String name = id == null ? context.name() : id;
    Supplier<SimulatedServer> own =
        () -> new SimulatedServer(context.timeline(), server, faults, seed, lengths);
    SimulatedServer simulated =
        context.resource(SharedServers.class).map(all -> all.of(name, own)).orElseGet(own);
    return new SimulatedBackend(
        name, account == null ? name : account, models, simulated, roundTrip);
  }
}
