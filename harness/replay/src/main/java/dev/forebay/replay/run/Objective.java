package dev.forebay.replay.run;

import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import java.time.Duration;

/**
 * What callers of a scenario expect.
 *
 * @param patience when they leave, from arrival, unless a request has a time of its own
 * @param firstContent bound on the first content, for goodput
 * @param total bound on the whole answer, for goodput
 */
@Doc("What callers expect: when they leave, and what counts as goodput.")
public record Objective(
    @Doc("When callers leave, from arrival.") @Default("30s") @Range(min = 0, exclusiveMin = true)
        Duration patience,
    @Doc("Bound on the first content for an answer to count as goodput.")
        @Default("2s")
        @Range(min = 0, exclusiveMin = true)
        Duration firstContent,
    @Doc("Bound on the whole answer for it to count as goodput.")
        @Default("10s")
        @Range(min = 0, exclusiveMin = true)
        Duration total) {

  /** When the caller of a request leaves, in nanoseconds from its arrival. */
  public long patienceNanos(TraceRequest request) {
    return request.patienceNanos() > 0 ? request.patienceNanos() : patience.toNanos();
  }
}
