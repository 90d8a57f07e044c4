package dev.forebay.replay.run;

import dev.forebay.config.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The scenarios that come with Forebay. */
final class BuiltInScenarios {

  static final List<String> NAMES =
      List.of(
          "overload",
          "overload-coding",
          "overload-agents",
          "road-map",
          "road-map-coding",
          "road-map-agents",
          "road-map-scaling",
          "road-map-jobs",
          "recorded",
          "recorded-agents",
          "fidelity",
          "fidelity-queue",
          "fidelity-cache",
          "fidelity-faults",
          "live-counts",
          "retries",
          "hedging",
          "popular",
          "slow-node",
          "flapping-node",
          "heterogeneous",
          "shared-prefixes",
          "silent-queue",
          "rolling-restart",
          "scale-out",
          "prices",
          "burst",
          "burst-jobs",
          "sustained-overload",
          "noisy-neighbour",
          "retrying-clients",
          "limit-too-high",
          "deadlines",
          "throttled-account",
          "daily-cycle",
          "burst-scaling",
          "slow-starts");

  private BuiltInScenarios() {}

  /**
   * The document of one.
   *
   * @param environment values of the variables that it names
   */
  static Node document(String name, Function<String, @Nullable String> environment) {
    String resource = "/scenarios/" + name + ".yaml";
    try (InputStream in = BuiltInScenarios.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Node.parse(name + ".yaml", text, environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
