package dev.forebay.replay.cli;

import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.trace.Overlay;
import dev.forebay.replay.trace.SyntheticTrace;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
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

  /** The trace of a seed. */
  Trace trace(long seed) {
    return whole(seed).scaled(speed);
  }

  private Trace whole(long seed) {
    return spec == null
        ? first(SyntheticTrace.generate(scenario.synthetic(), seed))
        : Overlay.apply(TraceFormats.open(spec, limit, seed), scenario.overlay(), seed);
  }

  private Trace first(Trace trace) {
    return limit >= trace.requests().size()
        ? trace
        : new Trace(
            trace.format(),
            trace.path(),
            trace.requests().subList(0, limit),
            trace.carries(),
            trace.synthetic(),
            trace.blockTokens(),
            trace.recordedNanos(),
            trace.notes());
  }
}
