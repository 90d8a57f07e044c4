package dev.forebay.balancing.peakewma;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import java.time.Duration;

/**
 * The least expected wait: a moving average of the time to the first content, which a peak raises
 * at once, times the requests in flight. Finagle's peak EWMA, which measures whole answers; with
 * streams that would measure their lengths.
 */
public final class PeakEwma implements Provider<Balancer, PeakEwma.Options> {

  /**
   * Options.
   *
   * @param decay time constant of the average, above 0
   * @param choices endpoints that are drawn, of which the best is taken; at least 2
   * @param penalty least time that a failed request counts for
   */
  @Doc("Chooses the least smoothed time to the first content times requests in flight.")
  public record Options(
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
          Duration penalty) {}

  /** This balancer, for a pipeline. */
  public static Plugin<Balancer> plugin() {
    return Plugin.of(new PeakEwma(), new Options(Duration.ofSeconds(10), 2, Duration.ofSeconds(5)));
  }

  @Override
  public Class<Balancer> kind() {
    return Balancer.class;
  }

  @Override
  public String name() {
    return "peak-ewma";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public Balancer create(Options options, PluginContext context) {
    return new PeakEwmaBalancer(options, context);
  }
}
