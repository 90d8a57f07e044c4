package dev.forebay.simulation;

import dev.forebay.spi.Backend;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import java.util.Optional;

/** Makes the backend {@code simulated}. */
public final class SimulatedProvider implements Provider<Backend, SimulatedOptions> {

  @Override
  public Class<Backend> kind() {
    return Backend.class;
  }

  @Override
  public String name() {
    return "simulated";
  }

  @Override
  public Class<SimulatedOptions> options() {
    return SimulatedOptions.class;
  }

  @Override
  public Backend create(SimulatedOptions options, PluginContext context) {
    Optional<AnswerLength> lent = context.resource(AnswerLength.class);
    // Drawn only if it is used, so that a run knows whether its seed makes a difference.
    long seed = lent.isPresent() && options.faults().isEmpty() ? 0 : context.random().nextLong();
    SimulatedServer server =
        new SimulatedServer(
            context.timeline(),
            options.server(),
            options.faults(),
            seed,
            lent.orElseGet(() -> AnswerLength.lognormal(seed)));
    String id = options.id() == null ? context.name() : options.id();
    String account = options.account() == null ? id : options.account();
    return new SimulatedBackend(id, account, options.models(), server, options.roundTrip());
  }
}
