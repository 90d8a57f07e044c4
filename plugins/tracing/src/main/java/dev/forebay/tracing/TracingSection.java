package dev.forebay.tracing;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.tracing.Tracers;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The SDK of OpenTelemetry between a gateway and a collector. */
final class TracingSection implements Section {

  /** Spans of one message to the collector at most. */
  private static final int BATCH = 512;

  /** Characters of an attribute: names of models come from callers. */
  private static final int LONGEST = 256;

  private static final int MOST_EVENTS = 64;

  /**
   * The SDK writes a stack trace to it for each message that fails. A log that nobody holds is
   * lost.
   */
  private static final Logger SDK_LOG = Logger.getLogger("io.opentelemetry.exporter");

  private final SdkTracerProvider provider;
  private final Registration registration;

  TracingSection(Tracing options, PluginContext context) {
    Tracers tracers =
        context
            .resource(Tracers.class)
            .orElseThrow(() -> new IllegalArgumentException("there is no gateway here"));
    BoundedSpans spans =
        new BoundedSpans(exporter(options), options.endpoint(), options.queue(), context);
    provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(AttributeKey.stringKey("service.name"), options.service())))
            .setSampler(sampler(options))
            .setSpanLimits(
                SpanLimits.builder()
                    .setMaxAttributeValueLength(LONGEST)
                    .setMaxNumberOfEvents(MOST_EVENTS)
                    .build())
            .addSpanProcessor(spans.over(batches(options, spans)))
            .build();
    registration = tracers.use(new Spans(provider.get("dev.forebay")));
  }

  /** Sends to the collector. The SDK's own words are left to {@link BoundedSpans}. */
  static SpanExporter exporter(Tracing options) {
    if (SDK_LOG.getLevel() == null) {
      SDK_LOG.setLevel(Level.OFF); // unless the host has said what it wants to read
    }
    OtlpHttpSpanExporterBuilder builder =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(options.endpoint())
            .setTimeout(options.timeout())
            .setConnectTimeout(options.timeout());
    options.headers().forEach(builder::addHeader);
    return builder.build();
  }

  /** Its own bound is above that of {@link BoundedSpans}, which counts what it drops. */
  private static BatchSpanProcessor batches(Tracing options, SpanExporter exporter) {
    int batch = Math.min(BATCH, Math.max(1, options.queue() / 4));
    return BatchSpanProcessor.builder(exporter)
        .setMaxQueueSize(options.queue() + batch)
        .setMaxExportBatchSize(batch)
        .setScheduleDelay(options.every())
        .setExporterTimeout(options.timeout())
        .build();
  }

  private static Sampler sampler(Tracing options) {
    Sampler share = Sampler.traceIdRatioBased(options.sample());
    return options.followCallers() ? Sampler.parentBased(share) : share;
  }

  /** Sends what waits, for as long as the gateway waits for a part that closes. */
  @Override
  public Future<Void> close() {
    registration.cancel();
    Promise<Void> closed = Promise.promise();
    Thread.ofPlatform()
        .daemon()
        .name("forebay-tracing-close")
        .start(
            () -> {
              provider.shutdown().join(20, TimeUnit.SECONDS);
              closed.complete();
            });
    return closed.future();
  }
}
