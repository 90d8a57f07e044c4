package dev.forebay.balancing.peakewma;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.Balancer;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * The least expected wait: a moving average of the time to the first content, which a peak raises
 * at once, times the requests in flight. Finagle's peak EWMA, which measures whole answers; with
 * streams that would measure their lengths.
 *
 * @param decay time constant of the average, above 0
 * @param choices endpoints that are drawn, of which the best is taken; at least 2
 * @param penalty least time that a failed request counts for
 */
@RecordBuilder
@Doc("Chooses the least smoothed time to the first content times requests in flight.")
public record PeakEwma(
    @Doc("Time constant with which a peak is forgotten.")
        @Default("10s")
        @Range(min = 0.001, max = 3600)
        Duration decay,
    @Doc("Endpoints that are drawn, of which the best is taken.")
        @Default("2")
        @Range(min = 2, max = 1000)
        int choices,
    @Doc("Least time to the first content that a request counts for which failed or was refused.")
        @Default("5s")
        @Range(min = 0, max = 3600)
        Duration penalty)
    implements Plugin<Balancer>, PeakEwmaBuilder.With {

  /** The defaults: 10 s, the better of 2, and 5 s for a failure. */
  public static PeakEwma defaults() {
    return Options.defaults(PeakEwma.class);
  }

  @Override
  public Balancer create(PluginContext context) {
    return new PeakEwmaBalancer(this, context);
  }
}
