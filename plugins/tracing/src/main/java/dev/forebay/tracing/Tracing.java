package dev.forebay.tracing;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.options.Unit;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A section that tells an OpenTelemetry collector of each request: one span for the request, one
 * for each try of it, and events for queue, cache, retries and hedges. Names are those of the
 * semantic conventions for generative AI, version 0.1.0. No span holds words of a prompt or an
 * answer. In a replay there is nobody to tell: there it does nothing.
 *
 * <p>A caller's {@code traceparent} is continued, by the rules of W3C Trace Context; one that
 * breaks them is ignored, and a new trace begins.
 *
 * @param endpoint where spans are sent, by OTLP over HTTP
 * @param headers of each message to the collector
 * @param service what the gateway is called in traces
 * @param sample the share of new traces that are told
 * @param followCallers whether a caller's decision for or against a trace counts
 * @param queue spans that wait for sending at most; further ones are dropped, and counted
 * @param every how often spans are sent; earlier if a quarter of the queue is full
 * @param timeout how long a collector may take
 */
@Doc("Tells an OpenTelemetry collector of each request, its tries, and what happened to it.")
public record Tracing(
    @Doc("Where spans are sent: an address of OTLP over HTTP.")
        @Default("http://127.0.0.1:4318/v1/traces")
        String endpoint,
    @Doc("Headers of each message to the collector.") @Default("{}") @Secret
        Map<String, String> headers,
    @Doc("What the gateway is called in traces.") @Default("forebay") String service,
    @Doc("Share of new traces that are told.") @Default("1") @Range(min = 0, max = 1) double sample,
    @Doc(
            "Whether the caller's decision for or against a trace counts, in place of the share."
                + " Turn it off for callers that are strangers.")
        @Default("true")
        boolean followCallers,
    @Doc("Spans that wait for sending at most; further ones are dropped, and counted.")
        @Default("4096")
        @Range(min = 16, max = 1_000_000)
        @Unit("spans")
        int queue,
    @Doc("How often spans are sent; earlier if a quarter of the queue is full.")
        @Default("1s")
        @Range(min = 0.01, max = 3_600)
        Duration every,
    @Doc("How long a collector may take for one message.")
        @Default("10s")
        @Range(min = 0.01, max = 600)
        Duration timeout)
    implements Plugin<Section> {

  /** Checks the address, and copies. */
  public Tracing {
    checkAddress(endpoint);
    if (service.isBlank() || service.length() > 100) {
      throw new IllegalArgumentException("service: expected 1 to 100 characters");
    }
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  /** With everything at its default. */
  public static Tracing defaults() {
    return Options.defaults(Tracing.class);
  }

  private static void checkAddress(String endpoint) {
    URI address;
    try {
      address = URI.create(endpoint);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("endpoint: no URL (expected: http://HOST:PORT/PATH)", e);
    }
    boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
    if (!web || address.getHost() == null || address.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "endpoint: expected http://HOST:PORT/PATH, or https, without a user");
    }
  }

  @Override
  public Section create(PluginContext context) {
    return context.resource(Vertx.class).isPresent()
        ? new TracingSection(this, context)
        : new Section() {};
  }

  /** Never its headers. */
  @Override
  public String toString() {
    return Redacted.text(this);
  }
}
