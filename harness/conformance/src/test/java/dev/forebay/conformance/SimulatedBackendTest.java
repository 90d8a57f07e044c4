package dev.forebay.conformance;

import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.Simulated;
import dev.forebay.simulation.SimulatedBackend;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The simulated backend holds the rules of backends: it is tested here, where it can be. */
class SimulatedBackendTest implements BackendContract {

  @Override
  public Plugin<Backend> plugin() {
    return with(List.of());
  }

  @Override
  public Optional<Plugin<Backend>> breaking() {
    return Optional.of(with(List.of(Fault.always(Fault.Kind.CUT, 1))));
  }

  @Override
  public Optional<Refusing> refusing() {
    AtomicReference<@Nullable SimulatedServer> made = new AtomicReference<>();
    Plugin<Backend> plugin =
        NamedPlugin.of(
            Backend.class,
            "refusing",
            context -> {
              SimulatedServer server = refusing(context);
              made.set(server);
              return new SimulatedBackend("refusing", server);
            });
    return Optional.of(new Refusing(plugin, () -> submitted(made.get())));
  }

  private static long submitted(@Nullable SimulatedServer server) {
    return server == null ? 0 : server.stats().submitted();
  }

  private static SimulatedServer refusing(PluginContext context) {
    return new SimulatedServer(
        context.timeline(),
        ServerParameters.DEFAULT,
        List.of(Fault.always(Fault.Kind.FAIL, 1)),
        1,
        AnswerLength.lognormal(1));
  }

  private static Plugin<Backend> with(List<Fault> faults) {
    return new Simulated(
        "simulated", null, List.of(), Duration.ZERO, ServerParameters.DEFAULT, faults);
  }
}
