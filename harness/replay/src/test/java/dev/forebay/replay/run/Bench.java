package dev.forebay.replay.run;

import dev.forebay.config.Registry;
import dev.forebay.replay.trace.Carries;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.PrefixHashes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * A server that can be computed by hand: two slots, 1 ms for each prompt token, 10 ms for each
 * further token of an answer. A request of 100 and 5 tokens takes 100 + 4 × 10 = 140 ms.
 */
final class Bench {

  static final String FLEET =
      """
      overhead: 0s
      fleet:
        - id: a
          server: { slots: 2, decode-step-millis: 10, decode-step-millis-per-request: 0,
                    prefill-tokens-per-second: 1000, prefix-cache-blocks: 0,
                    effects: { decode-nanos-per-context-token: 0, quadratic-tokens: 0, overlap: 0 } }
      """;

  static final Registry REGISTRY = Registry.load(Bench.class.getClassLoader());

  private Bench() {}

  /** The scenario of a text. */
  static Scenario scenario(Path folder, Registry registry, String text) {
    try {
      Path file = Files.writeString(folder.resolve("tiny.yaml"), text);
      return ScenarioReader.read(file.toString(), registry, name -> null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The row of the combination {@code it}, whose pipeline is given, over a trace. */
  static Row row(Path folder, Registry registry, String pipeline, Trace trace) {
    String text = FLEET + "combinations:\n  it: { gateway: { pipeline: " + pipeline + " } }\n";
    Scenario scenario = scenario(folder, registry, text);
    List<Combination> it =
        scenario.combinations().stream().filter(one -> one.name().equals("it")).toList();
    Report report =
        new Comparison(scenario, it).run(seed -> trace, 0, List.of(1L), 1, (runs, of, run) -> {});
    report
        .failed()
        .forEach(
            (name, because) -> {
              throw new SelfCheckException(name + ", " + because);
            });
    return report.cells().get(0).rows().get(0);
  }

  /** A request of 100 and 5 tokens. */
  static TraceRequest at(long millis) {
    return TraceRequest.of(millis * 1_000_000, 100, 5);
  }

  static TraceRequest asking(long prompt, TraceRequest request) {
    return request.withPrompt(prompt, PrefixHashes.NONE, 100, 5);
  }

  static Trace trace(TraceRequest... requests) {
    List<TraceRequest> placed = new ArrayList<>();
    for (TraceRequest request : requests) {
      placed.add(request.at(placed.size(), request.arrivalNanos()));
    }
    EnumSet<Carries> carries = EnumSet.allOf(Carries.class);
    return new Trace(
        "hand", "made", placed, carries, EnumSet.noneOf(Carries.class), 0, List.of(), List.of());
  }
}
