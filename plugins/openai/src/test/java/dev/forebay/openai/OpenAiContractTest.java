package dev.forebay.openai;

import dev.forebay.conformance.BackendContract;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.forebay.simulation.http.EmulatorProfile;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** The rules of backends, on an event loop and in front of emulated upstreams over HTTP. */
@Timeout(60)
class OpenAiContractTest implements BackendContract {

  private static final String VIRTUAL = "it needs a network: there is none in virtual time";
  private static final double TIME_SCALE = 50;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    done(vertx.close());
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(vertx, 1);
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new LinkedHashMap<>();
    List.of("P8", "P9", "P10", "P11", "P12").forEach(rule -> exempt.put(rule, VIRTUAL));
    exempt.put("N11", "its objects reach the whole of Vert.x; BackpressureTest counts bytes");
    return exempt;
  }

  @Override
  public Plugin<Backend> plugin() {
    return in(emulator());
  }

  @Override
  public Optional<Plugin<Backend>> breaking() {
    return Optional.of(in(emulator(Fault.always(Fault.Kind.CUT, 1))));
  }

  @Override
  public Optional<Refusing> refusing() {
    Emulator emulator = emulator(Fault.always(Fault.Kind.FAIL, 1));
    return Optional.of(new Refusing(in(emulator), () -> refused(emulator)));
  }

  private static long refused(Emulator emulator) {
    return emulator.events().stream()
        .filter(event -> event.kind() == EmulatorEvent.Kind.REFUSED)
        .count();
  }

  private static Plugin<Backend> in(Emulator emulator) {
    return OpenAi.at("upstream", emulator.url());
  }

  private Emulator emulator(Fault... faults) {
    EmulatorProfile sane = EmulatorProfile.DEFAULT;
    EmulatorProfile profile =
        new EmulatorProfile(
            sane.host(),
            0,
            List.of("test"),
            null,
            sane.server(),
            List.of(faults),
            1,
            TIME_SCALE,
            sane.maxBodyBytes(),
            sane.logCapacity());
    return done(Emulator.start(vertx, profile, request -> 40));
  }

  private static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
