package dev.forebay.metrics;

import com.codahale.metrics.SharedMetricRegistries;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import io.vertx.core.Vertx;

/**
 * A section that shows all figures of a gateway and of its process at {@code /metrics} of the
 * administration, for Prometheus, and in a registry of Dropwizard Metrics. In a replay there is
 * nobody to show them to: there it does nothing.
 *
 * @param registry name of the registry, as {@link SharedMetricRegistries} knows it
 * @param jmx whether the registry is shown by JMX, in the domain {@code dev.forebay}
 * @param nativeHistograms whether histograms have native buckets beside the classic ones
 */
@Doc("Shows all figures at /metrics of the administration, for Prometheus, and in Dropwizard.")
public record Metrics(
    @Doc("The registry of Dropwizard Metrics, by its name in SharedMetricRegistries.")
        @Default("forebay")
        String registry,
    @Doc("Shows the registry by JMX, in the domain dev.forebay.") @Default("false") boolean jmx,
    @Doc(
            "Native buckets of histograms beside the classic ones, for scrapes in protobuf: other"
                + " formats cannot carry them.")
        @Default("false")
        boolean nativeHistograms)
    implements Plugin<Section> {

  @Override
  public Section create(PluginContext context) {
    return context
        .resource(Vertx.class)
        .<Section>map(vertx -> new MetricsSection(this, vertx, context))
        .orElseGet(() -> new Section() {});
  }
}
