package dev.forebay.cli;

import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.trace.Overlay;
import dev.forebay.replay.trace.SyntheticTrace;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The traffic of a comparison: a recorded trace with its overlays, or a generated one.
 *
 * @param scenario whose traffic it is, unless the caller names a trace
 * @param spec {@code FORMAT:PATH}; null where the traffic is generated
 * @param limit requests at most
 * @param speed arrivals this many times as fast
 */
record Workload(Scenario scenario, @Nullable String spec, int limit, double speed) {

  /** The scenario's own trace, or generated traffic if that is optional and not there. */
  static Workload of(Scenario scenario, @Nullable String named, int limit, double speed) {
    String own = scenario.trace();
    boolean missing = own != null && scenario.traceOptional() && !exists(own);
    String spec = named != null ? named : missing ? null : own;
    return new Workload(scenario, spec, limit, speed);
  }

  /** Whether its file is there, or all of those that commas separate. */
  private static boolean exists(String spec) {
    String path = spec.substring(spec.indexOf(':') + 1);
    return Files.exists(Path.of(path))
        || Arrays.stream(path.split(",", -1)).allMatch(part -> Files.exists(Path.of(part)));
  }

  /** The trace of a seed. */
  Trace trace(long seed) {
    return whole(seed).scaled(speed);
  }

  private Trace whole(long seed) {
    return spec == null
        ? noted(SyntheticTrace.generate(scenario.synthetic(), seed)).first(limit)
        : Overlay.apply(TraceFormats.open(spec, limit, seed), scenario.overlay(), seed);
  }

  private Trace noted(Trace trace) {
    return scenario.trace() == null
        ? trace
        : withNotes(
            trace,
            List.of(
                scenario.trace() + " is not there: the traffic is generated to its statistics"));
  }

  private static Trace withNotes(Trace trace, List<String> notes) {
    return new Trace(
        trace.format(),
        trace.path(),
        trace.requests(),
        trace.carries(),
        trace.synthetic(),
        trace.blockTokens(),
        trace.recordedNanos(),
        notes);
  }
}
