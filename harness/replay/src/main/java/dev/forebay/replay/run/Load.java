package dev.forebay.replay.run;

import dev.forebay.gateway.Blueprint;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import java.util.function.ToIntFunction;

/**
 * How much a trace asks of a fleet.
 *
 * @param traceSeconds from the first arrival to the last, as recorded or generated
 * @param factor how many times as fast the trace is replayed
 * @param offered requests per second that arrive; infinite if all arrive at once
 * @param capacity requests per second of the trace's mean size that the fleet can do without faults
 *     and caches; 0 if no backend is simulated
 */
public record Load(double traceSeconds, double factor, double offered, double capacity) {

  /** The load of a trace on the fleet of a gateway. */
  public static Load of(Trace trace, Blueprint gateway) {
    return new Load(
        trace.spanSeconds() * trace.speed(),
        trace.speed(),
        trace.meanRate(),
        Fleet.capacity(
            gateway,
            mean(trace, TraceRequest::promptTokens),
            mean(trace, TraceRequest::outputTokens)));
  }

  /**
   * A trace whose arrivals ask for a share of what a fleet can do.
   *
   * @param load the share; 0 leaves it as it is
   * @throws IllegalArgumentException if no backend is simulated
   */
  public static Trace scaled(Trace trace, double load, Blueprint gateway) {
    if (load == 0 || trace.spanSeconds() == 0) {
      return trace; // requests that all come at once have no rate
    }
    double capacity = of(trace, gateway).capacity();
    if (capacity == 0) {
      throw new IllegalArgumentException(
          "load: " + load + " without a simulated backend (expected: at least one)");
    }
    return trace.scaledToRate(load * capacity);
  }

  private static double mean(Trace trace, ToIntFunction<TraceRequest> tokens) {
    return trace.requests().stream().mapToInt(tokens).average().orElse(0);
  }
}
