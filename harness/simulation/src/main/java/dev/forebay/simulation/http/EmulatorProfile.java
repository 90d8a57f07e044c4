package dev.forebay.simulation.http;

import dev.forebay.simulation.Fault;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an emulated upstream is like. */
@Doc("An emulated OpenAI-compatible upstream.")
@RecordBuilder
public record EmulatorProfile(
    @Default("127.0.0.1") @Doc("Address to listen on.") String host,
    @Default("0") @Range(min = 0, max = 65535) @Doc("Port to listen on; 0 picks a free one.")
        int port,
    @Default("[deepseek-flash, deepseek-v4-pro]") @Doc("Models that it offers.")
        List<String> models,
    @Secret @Doc("API key that requests must carry; without it, none is asked for.")
        @Nullable String apiKey,
    @Default("{}") @Doc("What the server can do.") ServerParameters server,
    @Default("[]") @Doc("What goes wrong with it.") List<Fault> faults,
    @Default("1") @Doc("Seed of its chance: faults and lengths of answers.") long seed,
    @Default("1") @Range(min = 0.01, max = 1000) @Doc("How many times as fast its time runs.")
        double timeScale,
    @Default("16MiB") @Unit("bytes") @Range(min = 1) @Doc("Size of a request at most.")
        long maxBodyBytes,
    @Default("10000") @Range(min = 1) @Doc("Events that its log keeps, oldest out first.")
        int logCapacity)
    implements EmulatorProfileBuilder.With {

  /** The defaults: a healthy server on a free port of the loopback address. */
  public static final EmulatorProfile DEFAULT = Options.defaults(EmulatorProfile.class);

  /** Checks and copies. */
  public EmulatorProfile {
    models = List.copyOf(models);
    faults = List.copyOf(faults);
    if (models.isEmpty()) {
      throw new IllegalArgumentException("models: [] (expected: at least one)");
    }
    if (!(timeScale > 0 && timeScale <= 1000)) {
      throw new IllegalArgumentException("timeScale: " + timeScale + " (expected: > 0 to 1000)");
    }
    if (logCapacity < 1) {
      throw new IllegalArgumentException("logCapacity: " + logCapacity + " (expected: >= 1)");
    }
    if (maxBodyBytes < 1) {
      throw new IllegalArgumentException("maxBodyBytes: " + maxBodyBytes + " (expected: >= 1)");
    }
  }

  /** This profile with another server. */
  public EmulatorProfile with(ServerParameters other) {
    return withServer(other);
  }

  /** This profile with other faults. */
  public EmulatorProfile with(Fault... others) {
    return withFaults(List.of(others));
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return Redacted.text(this);
  }
}
